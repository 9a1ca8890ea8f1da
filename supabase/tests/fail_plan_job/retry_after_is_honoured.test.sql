begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.fail('job', 'claim 1', '{}', p_retry_after => 12.5);

select is(
  (tests.job('job')).run_at - (tests.attempt('job', 'claim 1')).ended_at,
  interval '12.5 seconds',
  'the handler knows when its provider answers again'
);

select * from finish();
rollback;
