begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.complete('job', 'claim 1');

select is(
  tests.complete('job', 'claim 2'), 'stale', 'nobody is told the answer to the call of another'
);

select * from finish();
rollback;
