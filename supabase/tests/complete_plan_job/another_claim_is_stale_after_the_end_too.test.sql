begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
select public.complete_plan_job((tests.job('job')).id, tests.id('claim 1'));

select is(
  public.complete_plan_job((tests.job('job')).id, tests.id('claim 2')),
  '{"outcome": "stale"}',
  'nobody is told the answer to the call of another'
);

select * from finish();
rollback;
