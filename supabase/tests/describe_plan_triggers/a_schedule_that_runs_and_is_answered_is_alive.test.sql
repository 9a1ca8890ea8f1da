begin;
select plan(3);

select tests.schedule();
select tests.run('31 seconds');
select tests.run('1 second', p_message => '1 row');
select tests.call_processor('31 seconds', 202);
select tests.call_processor('1 second', 202);

select is(
  tests.trigger() - '{last_run_at, last_answer_at}'::text[],
  '{
    "name": "supajobs_process", "schedule": "30 seconds", "period_seconds": 30, "active": true,
    "last_run_status": "succeeded", "last_run_message": "1 row", "last_answer_status": 202,
    "last_answer_error": null, "is_alive": true, "reason": null
  }',
  'its last run and answer'
);
select is(
  (tests.trigger() ->> 'last_run_at')::timestamptz, now() - interval '1 second', 'when it ran'
);
select is(
  (tests.trigger() ->> 'last_answer_at')::timestamptz, now() - interval '900 milliseconds',
  'when it was answered'
);

select * from finish();
rollback;
