begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
create temp table before as select * from tests.job('job');

select tests.claim('claim 1');

select results_eq(
  $$select * from tests.job('job')$$, 'select * from before', 'the job is as it was'
);

select * from finish();
rollback;
