begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.suspend('job', 'claim 1', 'sleep', 'cool down', 3600);
create temporary table first as select (tests.job('job')).run_at;
-- As when somebody brings it forward, or the worker had crashed before it came back.
update public.plan_generation_jobs set run_at = now() - interval '1 second' where trace_id = 'job';
select tests.claim('claim 2');

select is(
  tests.suspend('job', 'claim 2', 'sleep', 'cool down', 7200), 'suspended', 'it waits on'
);
select is((tests.job('job')).run_at, (select run_at from first), 'until when it first would have');

select * from finish();
rollback;
