begin;
select plan(1);

select tests.make_job('job');

select tests.violates_check(
  'plan_generation_jobs_crashes_within_budget',
  $$update public.plan_generation_jobs set crash_count = max_crashes + 1 where trace_id = 'job'$$
);

select * from finish();
rollback;
