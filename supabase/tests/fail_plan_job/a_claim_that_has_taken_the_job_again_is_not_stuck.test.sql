begin;
select plan(2);

-- A claim that was repeated so late that the job had been swept takes it again.
select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');
select tests.sweep();
select tests.claim('claim 1');

select lives_ok($$select tests.fail('job', 'claim 1')$$, 'it can end its second attempt');
select is((tests.job('job')).retry_count, 1::smallint, 'which counts as an error');

select * from finish();
rollback;
