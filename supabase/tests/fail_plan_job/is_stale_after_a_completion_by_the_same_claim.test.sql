begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.complete('job', 'claim 1');

select is(tests.fail('job', 'claim 1', '{}'), 'stale', 'an attempt ends once');
select is((tests.job('job')).status, 'completed', 'the job stays completed');

select * from finish();
rollback;
