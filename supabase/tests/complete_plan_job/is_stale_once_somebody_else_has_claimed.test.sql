begin;
select plan(4);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');
select tests.claim('claim 2');

select is(
  tests.complete('job', 'claim 1', p_plan => '{}'), 'stale', 'the late worker has lost the job'
);
select is((tests.job('job')).status, 'processing', 'the job runs on');
select is((tests.job('job')).claim_id, tests.id('claim 2'), 'with the other');
select is((tests.attempt('job', 'claim 1')).outcome, 'crashed', 'the crash stays on record');

select * from finish();
rollback;
