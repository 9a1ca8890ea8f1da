begin;
select plan(2);

select tests.make_user('user a');
insert into public.plan_job_types (job_type, dedupe_by) values ('per project', 'project');
select public.enqueue_plan_job(
  tests.id('user a'), 'per project', '{}', p_project_id => tests.id('project 1')
);

select is(
  public.enqueue_plan_job(
    tests.id('user a'), 'per project', '{}', p_project_id => tests.id('project 1')
  ) ->> 'outcome',
  'existing',
  'a second job of the same project is not made'
);
select is(
  public.enqueue_plan_job(
    tests.id('user a'), 'per project', '{}', p_project_id => tests.id('project 2')
  ) ->> 'outcome',
  'created',
  'another project has a job of its own'
);

select * from finish();
rollback;
