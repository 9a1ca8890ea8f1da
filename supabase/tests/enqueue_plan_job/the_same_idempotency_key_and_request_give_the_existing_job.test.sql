begin;
select plan(1);

select tests.make_user('user a');
insert into public.plan_job_types (job_type) values ('pgtap');
create temp table answer as
select public.enqueue_plan_job(
  tests.id('user a'), 'pgtap', '{"weeks": 4}', p_idempotency_key => 'key'
)::jsonb as enqueued;

select is(
  public.enqueue_plan_job(
    tests.id('user a'), 'pgtap', '{"weeks": 4}', p_idempotency_key => 'key'
  )::jsonb,
  (select enqueued || '{"outcome": "existing"}' from answer),
  'the second request gets the job of the first'
);

select * from finish();
rollback;
