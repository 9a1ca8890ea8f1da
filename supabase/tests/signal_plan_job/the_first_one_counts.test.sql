begin;
select plan(2);

select tests.make_job('job');
select tests.signal('job', '"yes"');

select is(
  public.signal_plan_job((tests.job('job')).id, tests.id('user a'), 'approval', '"no"')::jsonb
  - 'job',
  '{"outcome": "existing", "payload": "yes"}',
  'the second is told of the first'
);
select is((select payload from supajobs.signals), '"yes"', 'which stays');

select * from finish();
rollback;
