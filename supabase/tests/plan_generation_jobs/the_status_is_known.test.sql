begin;
select plan(1);

select tests.make_job('job');

select tests.violates_check(
  'plan_generation_jobs_completed_at_iff_terminal',
  $$update public.plan_generation_jobs set status = 'paused' where trace_id = 'job'$$
);

select * from finish();
rollback;
