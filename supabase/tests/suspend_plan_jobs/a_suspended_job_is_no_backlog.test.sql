begin;
select plan(5);

select tests.calm_queue();
select tests.make_job('job');
select tests.claim('claim 1');
select tests.suspend('job', 'claim 1');
update public.plan_generation_jobs set created_at = now() - interval '2 days'
where trace_id = 'job';

select is(tests.figures() -> 'pending', '0', 'nothing is due');
select is(tests.figures() -> 'scheduled', '1', 'it waits for its time');
select is(tests.figures() -> 'oldest_pending_seconds', 'null', 'nobody has waited');
select is(tests.position('job') -> 'position_in_queue', 'null', 'it has no place in the queue');
select is(
  tests.troubles() && array['degraded: old_backlog', 'unhealthy: old_backlog'],
  false,
  'nor is anything wrong'
);

select * from finish();
rollback;
