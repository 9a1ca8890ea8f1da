begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.release('job', 'claim 1');

select is(tests.complete('job', 'claim 1'), 'stale', 'an attempt ends once');
select is((tests.job('job')).status, 'pending', 'the job waits for the next worker');

select * from finish();
rollback;
