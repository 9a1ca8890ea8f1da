begin;
select plan(2);

select tests.make_job('job');

select tests.violates_check(
  'plan_generation_jobs_priority_in_range',
  $$update public.plan_generation_jobs set priority = 11 where trace_id = 'job'$$
);
select tests.violates_check(
  'plan_generation_jobs_priority_in_range',
  $$update public.plan_generation_jobs set priority = -1 where trace_id = 'job'$$
);

select * from finish();
rollback;
