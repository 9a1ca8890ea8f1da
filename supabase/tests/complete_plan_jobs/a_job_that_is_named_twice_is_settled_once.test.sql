begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
create temp table call as
select
  jsonb_build_array(
    tests.entry('job', 'claim 1', '{"plan": {}}'), tests.entry('job', 'claim 1', '{"plan": {}}')
  ) as jobs;

select is(
  (select tests.outcomes(public.complete_plan_jobs(jobs)) from call),
  '{"job": "completed"}',
  'its double does not cost all jobs of the call their ends'
);
select is((tests.job('job')).status, 'completed', 'the job is completed');

select * from finish();
rollback;
