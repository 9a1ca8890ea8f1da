begin;
select plan(2);

select tests.empty_queue();
select tests.make_job(name) from unnest(array['pending', 'kept', 'expired']) as name;
select public.cancel_plan_job((tests.job('kept')).id, tests.id('user a'));
select public.cancel_plan_job((tests.job('expired')).id, tests.id('user a'));
update public.plan_generation_jobs set expires_at = now() where trace_id = 'expired';

select is(public.cleanup_expired_plan_jobs(), '{"deleted": 1}', 'one job is deleted');
select bag_eq(
  'select trace_id from public.plan_generation_jobs',
  array['pending', 'kept'],
  'the others are left'
);

select * from finish();
rollback;
