begin;
select plan(4);

select tests.make_job('job');
select tests.make_job('of the system', null);
select tests.make_user('user b');

select is(
  public.signal_plan_job((tests.job('job')).id, tests.id('user b'), 'approval', '{}')::jsonb,
  '{"outcome": "not_found"}',
  'nor told of'
);
select is(
  public.signal_plan_job(tests.id('unheard of'), tests.id('user a'), 'approval', '{}')::jsonb,
  '{"outcome": "not_found"}',
  'nor is one that never was'
);
select is(
  public.signal_plan_job((tests.job('job')).id, null, 'approval', '{}')::jsonb,
  '{"outcome": "not_found"}',
  'the system signals its own'
);
select is(tests.signal('of the system'), 'stored', 'jobs');

select * from finish();
rollback;
