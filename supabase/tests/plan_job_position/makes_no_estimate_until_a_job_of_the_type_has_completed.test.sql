begin;
select plan(1);

select tests.make_attempt(10, 'failed');
select tests.make_attempt(10, p_job_type => 'pgtap 2');
select tests.make_job('first');
select tests.make_job('second');

select is(
  tests.position('second'),
  '{
    "status": "pending", "position_in_queue": 2, "estimated_duration": null,
    "estimated_duration_p90": null, "estimated_completion_at": null
  }',
  'the position is known all the same'
);

select * from finish();
rollback;
