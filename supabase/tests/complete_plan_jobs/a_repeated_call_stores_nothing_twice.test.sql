begin;
select plan(4);

select tests.make_store();
select tests.make_job('job');
select tests.claim('claim 1');
create temp table call as
select
  jsonb_build_array(
    tests.entry('job', 'claim 1', '{"store": {"title": "Fox"}}'),
    tests.entry('job', 'claim 1', '{"store": {"title": "Owl"}}')
  ) as jobs;

select is(
  (select tests.outcomes(public.complete_plan_jobs(jobs)) from call),
  '{"job": "completed"}',
  'nor is a job that is named twice stored twice'
);
select is(
  (select tests.outcomes(public.complete_plan_jobs(jobs)) from call),
  '{"job": "completed"}',
  'the answer is the same'
);
select is(
  (select tests.outcomes(public.complete_plan_jobs(jobs - 0)) from call),
  '{"job": "completed"}',
  'for each of the two'
);
select is((select array_agg(title) from app.stories), array['Fox'], 'there is one row');

select * from finish();
rollback;
