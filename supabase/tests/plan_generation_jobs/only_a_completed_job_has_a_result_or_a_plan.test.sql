begin;
select plan(2);

select tests.make_job('job');

select tests.violates_check(
  'plan_generation_jobs_result_only_when_completed',
  $$update public.plan_generation_jobs set result = '{}' where trace_id = 'job'$$
);
select tests.violates_check(
  'plan_generation_jobs_result_only_when_completed',
  $$update public.plan_generation_jobs set plan_id = tests.id('plan') where trace_id = 'job'$$
);

select * from finish();
rollback;
