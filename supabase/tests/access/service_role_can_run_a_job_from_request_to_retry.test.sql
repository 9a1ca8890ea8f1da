begin;
select plan(8);

select tests.make_user('user a');
insert into public.plan_job_types (job_type) values ('pgtap');

set local role service_role;
select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}', p_trace_id => 'job');
select is(
  jsonb_path_query_array(tests.claim('claim 1'), '$[*].trace_id'), '["job"]', 'claimed'
);
select is(
  public.heartbeat_plan_jobs(
    jsonb_build_array(
      jsonb_build_object('job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 1'))
    )
  ) #>> '{0, outcome}',
  'held',
  'held'
);
select is(tests.save_step('job', 'claim 1'), 'saved', 'a step saved');
select is(tests.release('job', 'claim 1'), 'released', 'released');
select tests.claim('claim 2');
select is(tests.fail('job', 'claim 2', '{}', p_retryable => false), 'failed', 'failed');
select is(
  public.retry_plan_job((tests.job('job')).id, tests.id('user a')) ->> 'outcome',
  'retried',
  'retried'
);
select is(
  public.get_active_plan_job(tests.id('user a'), 'pgtap') ->> 'trace_id', 'job', 'active'
);
select is(
  public.cancel_plan_job((tests.job('job')).id, tests.id('user a')) ->> 'outcome',
  'cancelled',
  'cancelled'
);

select * from finish();
rollback;
