begin;
select plan(2);

select tests.calm_queue();
select tests.make_job('running');
select tests.claim('claim 1');
update public.plan_generation_jobs
set started_at = now() - interval '1 day', lease_expires_at = now() - interval '1 day'
where trace_id = 'running';
select tests.make_job('due');
select tests.make_older('due', interval '2 hours');

select is(
  tests.troubles(),
  array['unhealthy: old_backlog', 'degraded: stuck_jobs', 'degraded: expired_leases'],
  'though it was found last'
);
select is(public.check_plan_queue() ->> 'status', 'unhealthy', 'and decides');

select * from finish();
rollback;
