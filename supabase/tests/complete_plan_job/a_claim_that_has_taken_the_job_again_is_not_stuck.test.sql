begin;
select plan(2);

-- As when a slow copy of the claim arrives after its first attempt has ended.
select tests.make_job('job');
select tests.claim('claim 1');
select tests.fail('job', 'claim 1', p_retry_after => 0);
select tests.claim('claim 1');

select lives_ok($$select tests.complete('job', 'claim 1')$$, 'it can complete the job');
select is((tests.job('job')).status, 'completed', 'the job is completed');

select * from finish();
rollback;
