begin;
select plan(2);

select tests.make_job('job');

select tests.violates_check(
  'plan_generation_jobs_ttl_in_range',
  $$update public.plan_generation_jobs set ttl_hours = 0 where trace_id = 'job'$$
);
select tests.violates_check(
  'plan_generation_jobs_ttl_in_range',
  $$update public.plan_generation_jobs set ttl_hours = 169 where trace_id = 'job'$$
);

select * from finish();
rollback;
