begin;
select plan(3);

select tests.calm_queue();
insert into public.plan_job_types (job_type, max_runtime_seconds, lease_seconds)
values ('pgtap', 100, 20);
select tests.make_job('within its time');
select tests.make_job('stuck');
select tests.claim('claim 1', 2);
update public.plan_generation_jobs set started_at = now() - interval '110 seconds'
where trace_id = 'within its time';

select is(tests.troubles(), '{}', 'it has a lease more');

update public.plan_generation_jobs set started_at = now() - interval '121 seconds'
where trace_id = 'stuck';

select is(tests.troubles(), array['degraded: stuck_jobs'], 'then it should have ended');
select is(
  public.check_plan_queue()::jsonb #> '{reasons, 0, jobs}', '1', 'how many, is told'
);

select * from finish();
rollback;
