begin;
select plan(5);

select tests.make_job('running');
select tests.make_job('job 2', p_job_type => 'pgtap 2');
select tests.claim('claim 1');

select is(
  public.pause_plan_jobs('pgtap')::jsonb, '{"outcome": "paused", "job_types": ["pgtap"]}', 'paused'
);

select tests.make_job('job');
select is((tests.job('job')).status, 'pending', 'requests are accepted');
select is(tests.claim_names('claim 2'), array[]::text[], 'nothing starts');
select is(
  tests.claim_names('claim 3', p_job_type => 'pgtap 2'), array['job 2'], 'of this type alone'
);
select is(
  public.complete_plan_job((tests.job('running')).id, tests.id('claim 1')) ->> 'outcome',
  'completed',
  'what runs goes on'
);

select * from finish();
rollback;
