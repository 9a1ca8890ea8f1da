begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');

select public.heartbeat_plan_jobs(
  jsonb_build_array(
    jsonb_build_object(
      'job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 1'),
      'progress', '{"phase": "draft", "percentage": 40}'::jsonb
    )
  )
);

select is(
  (tests.job('job')).progress,
  '{"phase": "draft", "percentage": 40, "message": ""}',
  'the progress is on the job'
);

select * from finish();
rollback;
