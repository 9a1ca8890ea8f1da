begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
create temp table call as
select
  jsonb_build_array(
    tests.entry('job', 'claim 1', '{"error": {}}'), tests.entry('job', 'claim 1', '{"error": {}}')
  ) as jobs;

select is(
  (select tests.outcomes(public.fail_plan_jobs(jobs)) from call),
  '{"job": "retrying"}',
  'its double does not cost all jobs of the call their ends'
);
select is((tests.job('job')).retry_count, 1::smallint, 'one retry is spent');

select * from finish();
rollback;
