begin;
select plan(2);

select tests.make_user('user a');
insert into public.plan_job_types (job_type, dedupe_by, max_cost_per_user_month)
values ('pgtap', 'user', 1);
create temp table first as
select public.enqueue_plan_job(
  tests.id('user a'), 'pgtap', '{}', p_idempotency_key => 'key'
) #>> '{job, id}' as id;
update public.plan_job_types set max_cost_per_user_month = 0 where job_type = 'pgtap';

select is(
  public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}', p_idempotency_key => 'key')
  #>> '{job, id}',
  (select id from first),
  'a repeated request costs nothing'
);
select is(
  public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}') #>> '{job, id}',
  (select id from first),
  'nor does one for the job that is on its way'
);

select * from finish();
rollback;
