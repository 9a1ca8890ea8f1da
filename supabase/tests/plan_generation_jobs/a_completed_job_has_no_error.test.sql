begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
select public.complete_plan_job((tests.job('job')).id, tests.id('claim 1'));

select tests.violates_check(
  'plan_generation_jobs_no_error_when_completed',
  $$update public.plan_generation_jobs set error = '{}' where trace_id = 'job'$$
);

select * from finish();
rollback;
