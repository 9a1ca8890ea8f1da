begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select public.complete_plan_job((tests.job('job')).id, tests.id('claim 1'));
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
