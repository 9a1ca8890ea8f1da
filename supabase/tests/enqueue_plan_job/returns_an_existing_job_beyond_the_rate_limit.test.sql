begin;
select plan(2);

insert into public.plan_job_types (job_type, dedupe_by, max_enqueues, enqueue_window_seconds)
values ('limited', 'user', 1, 300);
select tests.make_user('user a');
select public.enqueue_plan_job(
  tests.id('user a'), 'limited', '{}', p_idempotency_key => 'key', p_trace_id => 'first'
);

select is(
  public.enqueue_plan_job(tests.id('user a'), 'limited', '{}') #>> '{job, trace_id}',
  'first',
  'the active job of the user is no new one'
);
select public.cancel_plan_job((tests.job('first')).id, tests.id('user a'));
select is(
  public.enqueue_plan_job(tests.id('user a'), 'limited', '{}', p_idempotency_key => 'key')
  ->> 'outcome',
  'existing',
  'nor is the one of a repeated request'
);

select * from finish();
rollback;
