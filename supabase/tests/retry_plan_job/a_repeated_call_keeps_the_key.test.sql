begin;
select plan(3);

select tests.make_job_with_key('job', 'key 1');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));
select public.retry_plan_job((tests.job('job')).id, tests.id('user a'), 'key 2');

select is(
  public.retry_plan_job((tests.job('job')).id, tests.id('user a'), 'key 3') ->> 'outcome',
  'not_finished',
  'it is on its way'
);
select is(
  public.retry_plan_job((tests.job('job')).id, tests.id('user a')) ->> 'outcome',
  'not_finished',
  'without a key, too'
);
select is(tests.key('job'), 'key 2', 'the key is that of the first call');

select * from finish();
rollback;
