begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');
select supajobs.sweep();

select is(tests.fail('job', 'claim 1', '{}'), 'stale', 'the job already runs again');
select is((tests.job('job')).retry_count, 0::smallint, 'one failure is not counted twice');

select * from finish();
rollback;
