begin;
select plan(8);

select tests.debounce('running', p_seconds => 0);
select tests.claim('claim 1', 1, 'newest');
select tests.debounce('next');
select public.cancel_plan_job((tests.job('next')).id, tests.id('user a'));
select is(
  public.enqueue_plan_job(tests.id('user a'), 'newest', '{}') #>> '{job, trace_id}', 'running',
  'a plain request finds the one that runs'
);
select is(
  public.retry_plan_job((tests.job('next')).id, tests.id('user a')) #>> '{job, trace_id}',
  'running',
  'which a retry of the cancelled one would double'
);
select is(tests.debounce('newer') ->> 'outcome', 'created', 'another one may come after it');

select tests.fail('running', 'claim 1', p_retryable => false);
select is(
  public.retry_plan_job((tests.job('running')).id, tests.id('user a')) #>> '{job, trace_id}',
  'newer',
  'whose key a retry of the failed one does not have'
);
select public.cancel_plan_job((tests.job('newer')).id, tests.id('user a'));
select is(
  public.retry_plan_job((tests.job('running')).id, tests.id('user a')) ->> 'outcome', 'retried',
  'until that has ended'
);
select is(
  public.enqueue_plan_job(tests.id('user a'), 'newest', '{}') #>> '{job, trace_id}', 'running',
  'then it is the one active job'
);
select is(
  tests.debounce('last', p_seconds => 0) ->> 'outcome', 'created',
  'it has begun before, and is not replaced'
);
select is(tests.claim_names('claim 2', 5, 'newest'), array['running'], 'it comes first');

select * from finish();
rollback;
