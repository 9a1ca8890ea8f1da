begin;
select plan(4);

select tests.make_job('job');

select is(
  public.retry_plan_job((tests.job('job')).id, tests.id('user a')) ->> 'outcome',
  'not_finished',
  'a pending job runs anyway'
);

select tests.claim('claim 1');
select is(
  public.retry_plan_job((tests.job('job')).id, tests.id('user a')) ->> 'outcome',
  'not_finished',
  'a running job runs already'
);

select tests.complete('job', 'claim 1');
select is(
  public.retry_plan_job((tests.job('job')).id, tests.id('user a')) ->> 'outcome',
  'not_finished',
  'a completed job has nothing to repair'
);
select is((tests.job('job')).status, 'completed', 'and stays completed');

select * from finish();
rollback;
