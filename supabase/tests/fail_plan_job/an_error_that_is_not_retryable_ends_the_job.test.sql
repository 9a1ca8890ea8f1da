begin;
select plan(4);

select tests.make_job('job');
select tests.claim('claim 1');

select is(tests.fail('job', 'claim 1', '{}', p_retryable => false), 'failed', 'the worker is told');
select is((tests.job('job')).status, 'failed', 'the job has failed');
select is((tests.job('job')).retry_count, 0::smallint, 'no retry is spent');
select is(
  (tests.job('job')).expires_at - (tests.job('job')).completed_at,
  interval '72 hours',
  'the job is kept for its time to live'
);

select * from finish();
rollback;
