begin;
select plan(1);

select tests.make_user('user a');
insert into public.plan_job_types (job_type, dedupe_by) values ('per user', 'user');
select public.enqueue_plan_job(tests.id('user a'), 'per user', '{}', p_trace_id => 'job');
select tests.claim('claim 1', p_job_type => 'per user');
select tests.complete('job', 'claim 1');

select is(
  public.enqueue_plan_job(tests.id('user a'), 'per user', '{}') ->> 'outcome',
  'created',
  'a new job is made'
);

select * from finish();
rollback;
