begin;
select plan(2);

select tests.empty_queue();
select tests.make_job('job ' || hours) from generate_series(1, 3) as hours;
select public.cancel_plan_job(id, user_id) from public.plan_generation_jobs;
update public.plan_generation_jobs
set expires_at = now() - make_interval(hours => right(trace_id, 1)::integer);

select is(public.cleanup_expired_plan_jobs(2), '{"deleted": 2}', 'two of three are deleted');
select results_eq(
  'select trace_id from public.plan_generation_jobs',
  array['job 1'],
  'the youngest is left'
);

select * from finish();
rollback;
