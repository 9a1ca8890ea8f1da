begin;
select plan(3);

select tests.make_job('job', p_user => 'user a');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));
select tests.make_user('user b');

select is(
  public.retry_plan_job((tests.job('job')).id, tests.id('user b')) ->> 'outcome',
  'not_found',
  'user b cannot tell it from a job that never was'
);
select is(
  public.retry_plan_job(tests.id('unheard of'), tests.id('user b')) ->> 'outcome',
  'not_found',
  'a job that never was gets the same answer'
);
select is((tests.job('job')).status, 'cancelled', 'the job stays cancelled');

select * from finish();
rollback;
