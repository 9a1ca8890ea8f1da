begin;
select plan(1);

select tests.make_job('job');

select tests.violates_check(
  'plan_generation_jobs_params_is_object',
  $$update public.plan_generation_jobs set params = '[]' where trace_id = 'job'$$
);

select * from finish();
rollback;
