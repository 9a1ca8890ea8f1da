begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');

select is(tests.suspend('job', 'claim 2'), 'stale', 'who does not hold the job suspends nothing');
select is((tests.job('job')).status, 'processing', 'it runs on');
select is((select count(*) from supajobs.waits), 0::bigint, 'and no wait has begun');

select * from finish();
rollback;
