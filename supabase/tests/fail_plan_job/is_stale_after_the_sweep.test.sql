begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');
select public.sweep_expired_plan_jobs();

select is(
  public.fail_plan_job((tests.job('job')).id, tests.id('claim 1'), '{}'),
  '{"outcome": "stale"}',
  'the job already runs again'
);
select is((tests.job('job')).retry_count, 0::smallint, 'one failure is not counted twice');

select * from finish();
rollback;
