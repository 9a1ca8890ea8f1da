begin;
select plan(4);

select tests.debounce('first', p_seconds => 0);
select tests.claim('claim 1', 1, 'newest');
select is(
  public.complete_plan_job(
    (tests.job('first')).id, tests.id('claim 1'),
    p_then => '[{"job_type": "newest", "trace_id": "next", "debounce_seconds": 0}]'
  ) ->> 'outcome',
  'completed',
  'it completes, and is followed'
);
select is(tests.claim_names('claim 2', 5, 'newest'), array['next'], 'by the next one');
select is(
  public.enqueue_plan_job_step(
    (tests.job('next')).id, tests.id('claim 2'), 'again',
    '{"job_type": "newest", "params": {}, "trace_id": "last", "debounce_seconds": 0}'
  ) ->> 'outcome',
  'created',
  'which asks for another in the middle'
);
select tests.complete('next', 'claim 2');
select is(tests.claim_names('claim 3', 5, 'newest'), array['last'], 'that comes after it');

select * from finish();
rollback;
