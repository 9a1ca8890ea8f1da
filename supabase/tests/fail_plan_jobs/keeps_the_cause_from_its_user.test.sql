begin;
select plan(5);

select tests.make_job('job');
select tests.claim('claim 1');
select public.fail_plan_jobs(
  jsonb_build_array(
    tests.entry(
      'job', 'claim 1',
      '{"error": {"code": "x", "message": "Sorry."}, "cause": {"exception": "ValueError"}}'
    )
  )
);

select is(
  (tests.attempt('job', 'claim 1')).cause,
  '{"exception": "ValueError"}',
  'the service reads what raised the error'
);
select is(
  (tests.job('job')).error,
  '{"code": "x", "message": "Sorry."}',
  'the job has the words for its user alone'
);
select is(
  (
    select details -> 'cause' ->> 'exception' from public.plan_job_timeline
    where job_id = (tests.job('job')).id and event = 'retrying'
  ),
  'ValueError',
  'its story tells it'
);

select tests.sign_in('user a');
select throws_ok(
  'select cause from public.plan_job_attempts',
  '42501', null, 'its user cannot read it through the view'
);
select throws_ok(
  'select cause from supajobs.unsuccessful_attempts',
  '42501', null, 'nor in the table'
);

select * from finish();
rollback;
