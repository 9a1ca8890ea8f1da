begin;
select plan(12);

select tests.debounce('running', '{"n": 1}', p_seconds => 0);
select is(tests.claim_names('claim 1', 1, 'newest'), array['running'], 'one runs');
select is(
  tests.debounce('next', '{"n": 2}') ->> 'outcome', 'created', 'a request makes the next one'
);
select is((tests.job('running')).params, '{"n": 1}', 'the one that runs is left alone');
select ok((tests.job('next')).is_held, 'the next one is held');
select is(
  tests.debounce('newer', '{"n": 3}', p_seconds => 1) ->> 'replaced', 'true',
  'later requests replace that one'
);
select is(
  public.enqueue_plan_job(tests.id('user a'), 'newest', '{}') #>> '{job, trace_id}', 'newer',
  'and a plain one finds it'
);
select is(
  (select count(*) from public.plan_generation_jobs where job_type = 'newest'), 2::bigint,
  'there are two'
);
select tests.bring_forward('newer');
select is(tests.claim_names('claim 2', 5, 'newest'), '{}', 'it waits, be it due or not');

select tests.complete('running', 'claim 1');
select is(tests.claim_names('claim 3', 5, 'newest'), array['newer'], 'until the other has ended');
select is((tests.job('newer')).params, '{"n": 3}', 'it has the newest params');
select tests.debounce('last', '{"n": 4}', p_seconds => 0);
select tests.complete('newer', 'claim 3');
select is(tests.claim_names('claim 4', 5, 'newest'), array['last'], 'and so on');
select is(tests.complete('last', 'claim 4'), 'completed', 'to the end');

select * from finish();
rollback;
