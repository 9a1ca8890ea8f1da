begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.violates_check(
  'plan_generation_jobs_progress_is_object',
  $$update public.plan_generation_jobs set progress = '40' where trace_id = 'job'$$
);

select * from finish();
rollback;
