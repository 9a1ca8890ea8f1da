begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.violates_check(
  'plan_generation_jobs_claimed_when_processing',
  $$update public.plan_generation_jobs set claim_id = null where trace_id = 'job'$$
);
select tests.violates_check(
  'plan_generation_jobs_claimed_when_processing',
  $$update public.plan_generation_jobs set worker_id = null where trace_id = 'job'$$
);
select tests.violates_check(
  'plan_generation_jobs_claimed_when_processing',
  $$update public.plan_generation_jobs set started_at = null where trace_id = 'job'$$
);

select * from finish();
rollback;
