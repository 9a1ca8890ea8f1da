begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.complete('job', 'claim 1');
create temp table before as select * from tests.job('job');

select is(
  public.cancel_plan_job((tests.job('job')).id, tests.id('user a')) ->> 'outcome',
  'finished',
  'it is too late'
);
select results_eq(
  $$select * from tests.job('job')$$, 'select * from before', 'the job is as it was'
);

select * from finish();
rollback;
