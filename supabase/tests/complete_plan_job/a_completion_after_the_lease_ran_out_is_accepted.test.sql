begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');

select is(
  public.complete_plan_job((tests.job('job')).id, tests.id('claim 1')),
  '{"outcome": "completed"}',
  'nobody has noticed yet'
);

select * from finish();
rollback;
