begin;
select plan(1);

select tests.empty_queue();
select tests.make_job('job', p_run_at => now() + interval '1 hour');
update public.plan_generation_jobs set run_at = now() where trace_id = 'job';

select supajobs.promote_due_jobs();

select results_eq(
  $$select priority, floor from supajobs.lanes where job_type = 'pgtap'$$,
  $$values (5::smallint, 0::bigint)$$,
  'claims know where to look'
);

select * from finish();
rollback;
