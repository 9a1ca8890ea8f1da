begin;
select plan(5);

select tests.make_job_with_key('job', 'key 1');
select tests.claim('claim 1');
select tests.fail('job', 'claim 1', p_retryable => false);

select is(
  public.retry_plan_job((tests.job('job')).id, tests.id('user a')) ->> 'outcome',
  'provider_key_required',
  'the first one was erased'
);
select is((tests.job('job')).status, 'failed', 'the job stays as it is');

select is(
  public.retry_plan_job((tests.job('job')).id, tests.id('user a'), 'key 2') ->> 'outcome',
  'retried',
  'with a key it runs again'
);
select is(tests.key('job'), 'key 2', 'with that one');
select is((tests.job('job')).has_provider_key, true, 'which is its own again');

select * from finish();
rollback;
