begin;
select plan(7);

select tests.make_job('job');
select tests.claim('claim 1');
update public.plan_generation_jobs set retry_count = 3, crash_count = 2 where trace_id = 'job';
select tests.fail('job', 'claim 1', '{"code": "overloaded"}');

create temp table answer as
select public.retry_plan_job((tests.job('job')).id, tests.id('user a'))::jsonb as retried;

select is((select retried ->> 'outcome' from answer), 'retried', 'the user is told');
select is(
  (select retried -> 'job' from answer),
  supajobs.describe_job(tests.job('job'))::jsonb,
  'and gets the job as it is now'
);
select is((tests.job('job')).status, 'pending', 'the job waits for a worker');
select is((tests.job('job')).retry_count, 0::smallint, 'no retry is spent');
select is((tests.job('job')).crash_count, 0::smallint, 'no crash is counted');
select is((tests.job('job')).error, null, 'the error is gone');
select is(
  jsonb_path_query_array(tests.claim('claim 2'), '$[*].trace_id'),
  '["job"]',
  'it can be claimed at once'
);

select * from finish();
rollback;
