begin;
select plan(5);

insert into public.plan_job_types (job_type) values ('pgtap');
select tests.make_user('user a');
create temp table asked as
select
  public.enqueue_plan_job(null, 'pgtap', '{}', p_idempotency_key => 'key')::jsonb as first,
  public.enqueue_plan_job(null, 'pgtap', '{}', p_idempotency_key => 'key')::jsonb as again,
  public.enqueue_plan_job(null, 'pgtap', '{"n": 1}', p_idempotency_key => 'key')::jsonb as other,
  public.enqueue_plan_job(
    tests.id('user a'), 'pgtap', '{}', p_idempotency_key => 'key'
  )::jsonb as of_user_a;

select is((select again ->> 'outcome' from asked), 'existing', 'a repeated request');
select is(
  (select again #>> '{job, id}' from asked),
  (select first #>> '{job, id}' from asked),
  'the same job'
);
select is((select other ->> 'outcome' from asked), 'conflict', 'another request');
select is((select of_user_a ->> 'outcome' from asked), 'created', 'a user has keys of their own');
select throws_ok(
  $$
    insert into public.plan_generation_jobs
    select copied.*
    from public.plan_generation_jobs as job
    cross join lateral jsonb_populate_record(
      job, jsonb_build_object('id', supajobs.new_id())
    ) as copied
    where job.user_id is null and job.idempotency_key = 'key'
  $$,
  '23505', null, 'two that race are one'
);

select * from finish();
rollback;
