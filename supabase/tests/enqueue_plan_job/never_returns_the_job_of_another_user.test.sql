begin;
select plan(1);

select tests.make_user('user a');
select tests.make_user('user b');
insert into public.plan_job_types (job_type, dedupe_by) values ('per project', 'project');
select public.enqueue_plan_job(
  tests.id('user a'), 'per project', '{"private": true}', p_project_id => tests.id('project 1')
);

select is(
  public.enqueue_plan_job(
    tests.id('user b'), 'per project', '{}', p_project_id => tests.id('project 1')
  ) #>> '{job, user_id}',
  tests.id('user b')::text,
  'user b, who knows the id of a project of user a, does not get to see its job'
);

select * from finish();
rollback;
