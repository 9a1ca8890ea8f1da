begin;
select plan(5);

select tests.make_job('job');
select tests.claim('claim 1');

create temp table answer as
select public.fail_plan_job(
  (tests.job('job')).id, tests.id('claim 1'), '{"code": "overloaded"}'
) as settled;

select is((select settled ->> 'outcome' from answer), 'retrying', 'the job runs again');
select is(
  (select (settled ->> 'run_at')::timestamptz from answer),
  (tests.job('job')).run_at,
  'the worker is told when'
);
select is((tests.job('job')).status, 'pending', 'until then it is pending');
select is((tests.job('job')).retry_count, 1::smallint, 'a retry is spent');
select is((tests.job('job')).crash_count, 0::smallint, 'no crash is counted');

select * from finish();
rollback;
