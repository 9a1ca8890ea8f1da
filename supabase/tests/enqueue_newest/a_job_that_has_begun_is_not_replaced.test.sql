begin;
select plan(11);

-- Failed, and about to be tried again: its steps are of what it was asked for.
select tests.debounce('tried', '{"n": 1}', p_seconds => 0);
select tests.claim('claim 1', 1, 'newest');
select tests.save_step('tried', 'claim 1');
select tests.fail('tried', 'claim 1', p_retry_after => 0);
select is(
  tests.debounce('next', '{"n": 2}', p_seconds => 0) ->> 'outcome', 'created', 'a retry goes on'
);
select is((tests.job('tried')).params, '{"n": 1}', 'by its params');
select is(tests.claim_names('claim 2', 5, 'newest'), array['tried'], 'before the next one');
select tests.release('tried', 'claim 2');
select is(
  tests.debounce('newer', p_seconds => 0) ->> 'replaced', 'true', 'which takes all requests'
);
select is(tests.claim_names('claim 3', 5, 'newest'), array['tried'], 'so does one given back');
select tests.fail('tried', 'claim 3', p_retryable => false);
select is(
  tests.claim_names('claim 4', 5, 'newest'), array['newer'], 'its failure lets the next one go'
);
select tests.complete('newer', 'claim 4');

-- Suspended.
select tests.debounce('suspended', p_seconds => 0);
select tests.claim('claim 5', 1, 'newest');
select tests.suspend('suspended', 'claim 5');
select is(
  tests.debounce('after it', p_seconds => 0) ->> 'outcome',
  'created',
  'so does what waits for a signal'
);
select is((tests.job('suspended')).waiting_for, 'approval', 'and goes on waiting');
select is(tests.claim_names('claim 6', 5, 'newest'), '{}', 'the next one waits for it');
select public.cancel_plan_job((tests.job('suspended')).id, tests.id('user a'));
select is(tests.claim_names('claim 7', 5, 'newest'), array['after it'], 'until it is cancelled');

-- Gone.
select tests.debounce('last', p_seconds => 0);
delete from public.plan_generation_jobs where trace_id = 'after it';
select is(tests.claim_names('claim 8', 5, 'newest'), array['last'], 'or deleted');

select * from finish();
rollback;
