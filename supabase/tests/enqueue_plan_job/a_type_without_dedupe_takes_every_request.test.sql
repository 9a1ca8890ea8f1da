begin;
select plan(1);

select tests.make_user('user a');
insert into public.plan_job_types (job_type) values ('pgtap');
select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}');

select is(
  public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}') ->> 'outcome',
  'created',
  'a second job is made beside the first'
);

select * from finish();
rollback;
