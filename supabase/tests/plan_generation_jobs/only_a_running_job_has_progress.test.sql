begin;
select plan(1);

select tests.make_job('job');

select tests.violates_check(
  'plan_generation_jobs_progress_only_when_processing',
  $$update public.plan_generation_jobs set progress = '{}' where trace_id = 'job'$$
);

select * from finish();
rollback;
