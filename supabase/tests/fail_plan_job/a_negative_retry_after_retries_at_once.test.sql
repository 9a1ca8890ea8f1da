begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.fail('job', 'claim 1', '{}', p_retry_after => -5);

select is(
  (tests.job('job')).run_at, (tests.attempt('job', 'claim 1')).ended_at, 'there is no wait'
);

select * from finish();
rollback;
