begin;
select plan(2);

select tests.make_job('pending');
select tests.make_job('cancelled');
select public.cancel_plan_job((tests.job('cancelled')).id, tests.id('user a'));

select tests.violates_check(
  'plan_generation_jobs_completed_at_iff_terminal',
  $$update public.plan_generation_jobs set completed_at = now() where trace_id = 'pending'$$
);
select tests.violates_check(
  'plan_generation_jobs_completed_at_iff_terminal',
  $$update public.plan_generation_jobs set completed_at = null where trace_id = 'cancelled'$$
);

select * from finish();
rollback;
