begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
select public.fail_plan_job(
  (tests.job('job')).id, tests.id('claim 1'), '{}', p_retryable => false
);

select tests.violates_check(
  'plan_generation_jobs_error_when_failed',
  $$update public.plan_generation_jobs set error = null where trace_id = 'job'$$
);

select * from finish();
rollback;
