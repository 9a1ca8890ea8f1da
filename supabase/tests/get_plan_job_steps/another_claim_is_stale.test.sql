begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.save_step('job', 'claim 1');

select is(
  public.get_plan_job_steps((tests.job('job')).id, tests.id('claim 2'))::jsonb,
  '{"outcome": "stale"}',
  'who does not hold the job is told nothing'
);
select tests.release('job', 'claim 1');
select is(
  public.get_plan_job_steps((tests.job('job')).id, tests.id('claim 1'))::jsonb,
  '{"outcome": "stale"}',
  'nor who has given it back'
);
select is(
  public.get_plan_job_steps(tests.id('unheard of'), tests.id('claim 1'))::jsonb,
  '{"outcome": "stale"}',
  'nor who asks for a job that never was'
);

select * from finish();
rollback;
