begin;
select plan(1);

select tests.make_job('job');

select tests.violates_check(
  'plan_generation_jobs_retries_within_budget',
  $$update public.plan_generation_jobs set retry_count = max_retries + 1 where trace_id = 'job'$$
);

select * from finish();
rollback;
