begin;
select plan(2);

-- As when a slow copy of the claim arrives after its first attempt has ended.
select tests.make_job('job');
select tests.claim('claim 1');
select tests.release('job', 'claim 1');
select tests.claim('claim 1');

select lives_ok($$select tests.release('job', 'claim 1')$$, 'it can give the job back again');
select is((tests.job('job')).status, 'pending', 'the job waits');

select * from finish();
rollback;
