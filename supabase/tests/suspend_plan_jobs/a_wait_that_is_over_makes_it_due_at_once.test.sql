begin;
select plan(4);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.suspend('job', 'claim 1', 'sleep', 'cool down', 3600);
select tests.end_wait('job', 'cool down');
select tests.claim('claim 2');

select tests.suspend('job', 'claim 2', 'sleep', 'cool down', 3600);

select is((tests.job('job')).waiting_for, null, 'it waits for nothing');
select is(tests.claim_names('claim 3'), array['job'], 'and the next claim gets it');
select is(tests.suspend('job', 'claim 3', 'sleep', 'no time', -5), 'suspended', 'it may be 0');
select is(tests.claim_names('claim 4'), array['job'], 'so it runs at once');

select * from finish();
rollback;
