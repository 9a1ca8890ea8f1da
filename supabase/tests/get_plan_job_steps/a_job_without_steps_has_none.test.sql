begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');

select is(
  public.get_plan_job_steps((tests.job('job')).id, tests.id('claim 1'))::jsonb,
  '{"outcome": "found", "steps": {}, "waits": {}, "signals": {}}',
  'nothing is found, and that is no refusal'
);

select * from finish();
rollback;
