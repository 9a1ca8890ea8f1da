begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
create temp table answer as
select public.fail_plan_job((tests.job('job')).id, tests.id('claim 1'), '{}')::jsonb as settled;
create temp table before as select * from tests.job('job');

select is(
  public.fail_plan_job((tests.job('job')).id, tests.id('claim 1'), '{}')::jsonb,
  (select settled from answer),
  'the answer that was lost is given again, with its run_at'
);
select results_eq(
  $$select * from tests.job('job')$$, 'select * from before', 'the job is as it was'
);

select * from finish();
rollback;
