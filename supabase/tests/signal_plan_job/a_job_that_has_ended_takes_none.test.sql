begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.complete('job', 'claim 1');
select tests.make_job('failed');
select tests.claim('claim 2');
select tests.signal('failed', p_name => 'payment');
select tests.fail('failed', 'claim 2', p_retryable => false);

select is(tests.signal('job'), 'finished', 'one that completed');
select is(tests.signal('failed'), 'finished', 'one that failed');
select is(tests.signal('failed', p_name => 'payment'), 'existing', 'what it had been told, it has');

select * from finish();
rollback;
