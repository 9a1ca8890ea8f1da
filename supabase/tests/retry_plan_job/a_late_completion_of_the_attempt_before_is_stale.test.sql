begin;
select plan(3);

select tests.make_job('job');
update public.plan_generation_jobs set max_crashes = 1 where trace_id = 'job';
select tests.claim('claim 1');
select tests.expire_lease('job');
select tests.sweep();
select public.retry_plan_job((tests.job('job')).id, tests.id('user a'));

select is((tests.job('job')).lease_lost_at, null, 'the retry is a new start');
select is(tests.complete('job', 'claim 1'), 'stale', 'the attempt before has crashed');
select is(
  (tests.attempt('job', 'claim 1')).outcome, 'crashed', 'and that is all there is under its claim'
);

select * from finish();
rollback;
