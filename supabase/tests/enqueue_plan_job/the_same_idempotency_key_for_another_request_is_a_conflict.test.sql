begin;
select plan(3);

select tests.make_user('user a');
insert into public.plan_job_types (job_type) values ('pgtap'), ('other');
select public.enqueue_plan_job(
  tests.id('user a'), 'pgtap', '{"weeks": 4}', p_idempotency_key => 'key'
);

select is(
  public.enqueue_plan_job(
    tests.id('user a'), 'pgtap', '{"weeks": 8}', p_idempotency_key => 'key'
  ) ->> 'outcome',
  'conflict',
  'other params are a conflict'
);
select is(
  public.enqueue_plan_job(
    tests.id('user a'), 'other', '{"weeks": 4}', p_idempotency_key => 'key'
  ) ->> 'outcome',
  'conflict',
  'another type is a conflict'
);
select is(
  public.enqueue_plan_job(
    tests.id('user a'), 'pgtap', '{"weeks": 4}',
    p_idempotency_key => 'key', p_project_id => tests.id('project')
  ) ->> 'outcome',
  'conflict',
  'another project is a conflict'
);

select * from finish();
rollback;
