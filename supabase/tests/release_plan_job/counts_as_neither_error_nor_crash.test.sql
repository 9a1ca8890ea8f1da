begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.release('job', 'claim 1');

select is((tests.job('job')).retry_count, 0::smallint, 'no retry is spent');
select is((tests.job('job')).crash_count, 0::smallint, 'no crash is counted');
select is((tests.attempt('job', 'claim 1')).outcome, 'released', 'the attempt was given back');

select * from finish();
rollback;
