begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
create temp table call as
select
  jsonb_build_array(
    tests.entry('job', 'claim 1'), tests.entry('job', 'claim 1')
  ) as jobs;

select is(
  (select tests.outcomes(public.release_plan_jobs(jobs)) from call),
  '{"job": "released"}',
  'its double does not cost all jobs of the call their ends'
);
select is((tests.job('job')).status, 'pending', 'the job waits');

select * from finish();
rollback;
