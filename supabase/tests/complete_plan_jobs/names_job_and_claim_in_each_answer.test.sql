begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');

select is(
  public.complete_plan_jobs(jsonb_build_array(tests.entry('job', 'claim 1')))::jsonb,
  jsonb_build_array(tests.entry('job', 'claim 1', '{"outcome": "completed"}')),
  'so that nobody relies on their order'
);
select is(
  public.complete_plan_jobs(jsonb_build_array(tests.entry('job', 'claim 2')))::jsonb,
  jsonb_build_array(tests.entry('job', 'claim 2', '{"outcome": "stale"}')),
  'in that of a stale one too'
);

select * from finish();
rollback;
