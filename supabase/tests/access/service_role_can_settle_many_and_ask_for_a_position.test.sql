begin;
select plan(4);

select tests.make_user('user a');
insert into public.plan_job_types (job_type) values ('pgtap');

set local role service_role;
select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}', p_trace_id => 'job');
select is(tests.position('job') -> 'position_in_queue', '1', 'the position');
select tests.claim('claim 1');
select is(
  tests.outcomes(
    public.release_plan_jobs(jsonb_build_array(tests.entry('job', 'claim 1')))
  ),
  '{"job": "released"}',
  'a release'
);
select tests.claim('claim 2');
select is(
  tests.outcomes(
    public.fail_plan_jobs(
      jsonb_build_array(tests.entry('job', 'claim 2', '{"error": {}, "retry_after": 0}'))
    )
  ),
  '{"job": "retrying"}',
  'an error'
);
select tests.claim('claim 3');
select is(
  tests.outcomes(
    public.complete_plan_jobs(
      jsonb_build_array(tests.entry('job', 'claim 3', '{"plan": {}}'))
    )
  ),
  '{"job": "completed"}',
  'a completion'
);

select * from finish();
rollback;
