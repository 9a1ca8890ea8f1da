begin;
select plan(3);

select tests.make_job('job', p_user => 'user a');
select tests.make_user('user b');

select is(
  public.cancel_plan_job((tests.job('job')).id, tests.id('user b')),
  '{"outcome": "not_found"}',
  'user b cannot tell it from a job that never was'
);
select is(
  public.cancel_plan_job(tests.id('unheard of'), tests.id('user b')),
  '{"outcome": "not_found"}',
  'a job that never was gets the same answer'
);
select is((tests.job('job')).status, 'pending', 'the job waits on');

select * from finish();
rollback;
