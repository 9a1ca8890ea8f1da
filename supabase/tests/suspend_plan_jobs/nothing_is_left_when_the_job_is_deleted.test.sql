begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.suspend('job', 'claim 1');
select tests.signal('job');
select tests.claim('claim 2');
select tests.fail('job', 'claim 2', p_retryable => false);
select is((select count(*) from supajobs.signals), 1::bigint, 'a failed job keeps it, for a retry');

delete from auth.users where id = tests.id('user a');

select is((select count(*) from supajobs.waits), 0::bigint, 'the wait is gone');
select is((select count(*) from supajobs.signals), 0::bigint, 'and what it was told');

select * from finish();
rollback;
