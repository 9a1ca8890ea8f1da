begin;
select plan(7);

insert into public.plan_job_types (job_type, dedupe_by)
values ('per user', 'user'), ('per project', 'project');
select tests.make_job('job', null, 'per user');
select is(
  public.enqueue_plan_job(null, 'per user', '{}', p_idempotency_key => 'key') #>> '{job, trace_id}',
  'job',
  'the active job is the answer'
);
select tests.claim('claim 1', p_job_type => 'per user');
select tests.complete('job', 'claim 1');
select is(
  public.enqueue_plan_job(null, 'per user', '{}', p_idempotency_key => 'key') ->> 'outcome',
  'existing',
  'a key that was answered with it gets the same answer after its end'
);
select is(
  public.enqueue_plan_job(null, 'per user', '{"n": 1}', p_idempotency_key => 'key') ->> 'outcome',
  'conflict',
  'and is not to be used for another request'
);
select isnt(tests.make_job('next', null, 'per user'), null, 'another one may come then');
select isnt(tests.make_job('of a', 'user a', 'per user'), null, 'users have their own');

select public.enqueue_plan_job(null, 'per project', '{}', p_project_id => tests.id('project 1'));
select is(
  public.enqueue_plan_job(
    null, 'per project', '{}', p_project_id => tests.id('project 1')
  ) ->> 'outcome',
  'existing',
  'one per project'
);
select is(
  public.enqueue_plan_job(
    null, 'per project', '{}', p_project_id => tests.id('project 2')
  ) ->> 'outcome',
  'created',
  'of each project'
);

select * from finish();
rollback;
