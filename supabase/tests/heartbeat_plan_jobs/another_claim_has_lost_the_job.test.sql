begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
create temp table before as select * from tests.job('job');

select is(
  public.heartbeat_plan_jobs(
    jsonb_build_array(
      jsonb_build_object('job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 2'))
    )
  )::jsonb,
  jsonb_build_array(
    jsonb_build_object(
      'job_id', (tests.job('job')).id, 'outcome', 'lost', 'cancel_requested', false,
      'deadline', null
    )
  ),
  'the job is lost'
);
select results_eq(
  $$select * from tests.job('job')$$, 'select * from before', 'the job is as it was'
);

select * from finish();
rollback;
