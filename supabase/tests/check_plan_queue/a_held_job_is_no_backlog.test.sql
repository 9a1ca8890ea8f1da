begin;
select plan(3);

select tests.make_job('parent', p_run_at => now() + interval '1 day');
select tests.make_child('child', array['parent']);
update public.plan_generation_jobs
set run_at = now() - interval '3 hours', created_at = now() - interval '3 hours'
where id = (tests.job('child')).id;

select is(
  (select count(*)::integer from supajobs.oldest_due_jobs()), 0, 'nothing of it is due'
);
select is(
  (select state from public.plan_jobs_active where job_id = (tests.job('child')).id), 'held'
);
select is(
  public.describe_plan_queue() #>> '{total, scheduled}', '2', 'it is counted with those that wait'
);

select * from finish();
rollback;
