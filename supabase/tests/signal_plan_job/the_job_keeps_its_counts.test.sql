begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.fail('job', 'claim 1', p_retry_after => 0);
select tests.claim('claim 2');
select tests.suspend('job', 'claim 2');

select tests.signal('job');
select tests.claim('claim 3');

select is((tests.job('job')).retry_count, 1::smallint, 'a retry was spent before');
select is(tests.complete('job', 'claim 3'), 'completed', 'it goes on to its end');

select * from finish();
rollback;
