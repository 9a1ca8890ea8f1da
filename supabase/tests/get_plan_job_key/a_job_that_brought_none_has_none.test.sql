begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');

select is(
  public.get_plan_job_key((tests.job('job')).id, tests.id('claim 1'))::jsonb,
  '{"outcome": "none"}',
  'it may run on the key of the server'
);

select * from finish();
rollback;
