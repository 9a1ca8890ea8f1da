begin;
select plan(2);

select tests.make_user('user a');
insert into public.plan_job_types (job_type, dedupe_by) values ('per user', 'user');
create temp table answer as
select public.enqueue_plan_job(tests.id('user a'), 'per user', '{"weeks": 4}')::jsonb as enqueued;

select is(
  public.enqueue_plan_job(tests.id('user a'), 'per user', '{"weeks": 8}')::jsonb,
  (select enqueued || '{"outcome": "existing"}' from answer),
  'the pending job is returned, whatever the new params'
);

select tests.claim('claim 1', p_job_type => 'per user');
select is(
  public.enqueue_plan_job(tests.id('user a'), 'per user', '{"weeks": 8}') #>> '{job, status}',
  'processing',
  'a running job is returned as well'
);

select * from finish();
rollback;
