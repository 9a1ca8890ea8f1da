begin;
select plan(2);

select tests.make_job('job');
create temp table stored as
select supajobs.store_plan(supajobs.describe_job(tests.job('job'))::jsonb, '{"monday": "rest"}')
  as returned;

select results_eq(
  $$
    select id, user_id, job_id, plan from public.weekly_base_plans
    where job_id = (tests.job('job')).id
  $$,
  $$
    select (returned ->> 'plan_id')::uuid, tests.id('user a'), (tests.job('job')).id,
      '{"monday": "rest"}'::jsonb
    from stored
  $$,
  'it is its user''s'
);
select is(
  (select stored_by from public.plan_job_types where job_type = 'training_plan'),
  'supajobs.store_plan',
  'the type of training plans names it'
);

select * from finish();
rollback;
