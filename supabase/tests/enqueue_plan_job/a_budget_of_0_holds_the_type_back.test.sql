begin;
select plan(1);

select tests.make_user('user a');
insert into public.plan_job_types (job_type, max_cost_per_user_month) values ('pgtap', 0);

select is(
  public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}') ->> 'outcome',
  'cost_limited',
  'from the first job on'
);

select * from finish();
rollback;
