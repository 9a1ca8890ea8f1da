begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');

select is(tests.complete('job', 'claim 1'), 'completed', 'nobody has noticed yet');

select * from finish();
rollback;
