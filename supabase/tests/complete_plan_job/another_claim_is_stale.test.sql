begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');

select is(
  tests.complete('job', 'claim 2', p_plan => '{}'),
  'stale',
  'who does not hold the job cannot complete it'
);
select is((tests.job('job')).status, 'processing', 'it runs on');
select is((tests.attempt('job', 'claim 2')).outcome, null, 'no attempt is recorded');

select * from finish();
rollback;
