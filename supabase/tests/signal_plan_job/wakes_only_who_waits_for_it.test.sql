begin;
select plan(6);

select tests.make_job('job');
select tests.make_job('sleeper');
select tests.make_job('later', p_run_at => now() + interval '1 hour');
select tests.claim('claim 1', 2);
select tests.suspend('job', 'claim 1', 'signal', 'approval');
select tests.suspend('sleeper', 'claim 1', 'sleep', 'approval');

select is(tests.signal('job', p_name => 'payment'), 'stored', 'another signal');
select is((tests.job('job')).waiting_for, 'approval', 'leaves it waiting');
select is(tests.signal('sleeper'), 'stored', 'a signal');
select is((tests.job('sleeper')).waiting_for, 'approval', 'ends no sleep');
select is(tests.signal('later'), 'stored', 'nor does it');
select is((tests.job('later')).turn, null, 'start a job before its time');

select * from finish();
rollback;
