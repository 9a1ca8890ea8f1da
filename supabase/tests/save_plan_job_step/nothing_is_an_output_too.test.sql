begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');

-- As PostgREST hands in a JSON null.
select is(tests.save_step('job', 'claim 1', p_output => null), 'saved', 'the step is done');
select is(
  public.get_plan_job_steps((tests.job('job')).id, tests.id('claim 1'))::jsonb -> 'steps',
  '{"draft": null}',
  'and is not done again'
);

select * from finish();
rollback;
