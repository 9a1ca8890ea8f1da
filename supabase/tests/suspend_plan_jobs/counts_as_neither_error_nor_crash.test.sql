begin;
select plan(5);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.suspend('job', 'claim 1');

select is((tests.job('job')).retry_count, 0::smallint, 'no retry is spent');
select is((tests.job('job')).crash_count, 0::smallint, 'no crash is counted');
select is((tests.attempt('job', 'claim 1')).outcome, 'suspended', 'the attempt is on record');
select is(
  (tests.attempt('job', 'claim 1')).retry_at, (tests.job('job')).run_at, 'with the end of the wait'
);
select is((tests.attempt('job', 'claim 1')).error, null, 'and without an error');

select * from finish();
rollback;
