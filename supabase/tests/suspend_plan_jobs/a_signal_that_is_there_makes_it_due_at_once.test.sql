begin;
select plan(3);

select tests.make_job('job');
select tests.make_job('sleeper');
select tests.claim('claim 1', 2);
select tests.signal('job');
select tests.signal('sleeper');

select tests.suspend('job', 'claim 1', 'signal', 'approval');
select tests.suspend('sleeper', 'claim 1', 'sleep', 'approval');

select is((tests.job('job')).waiting_for, null, 'it waits for nothing');
select is(tests.claim_names('claim 2', 2), array['job'], 'the next claim gets it');
select is((tests.job('sleeper')).waiting_for, 'approval', 'a sleep is ended by no signal');

select * from finish();
rollback;
