begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.release('job', 'claim 1');
select tests.claim('claim 2');

select is(tests.release('job', 'claim 1'), 'released', 'the answer that was lost is given again');
select is((tests.job('job')).claim_id, tests.id('claim 2'), 'the next claim keeps the job');
select is((tests.job('job')).status, 'processing', 'and runs on');

select * from finish();
rollback;
