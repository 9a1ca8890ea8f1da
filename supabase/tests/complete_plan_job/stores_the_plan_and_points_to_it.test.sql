begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.complete('job', 'claim 1', p_plan => '{"monday": "rest"}');

select results_eq(
  $$
    select id, user_id, plan from public.weekly_base_plans
    where job_id = (tests.job('job')).id
  $$,
  $$values ((tests.job('job')).plan_id, tests.id('user a'), '{"monday": "rest"}'::jsonb)$$,
  'the user has the plan, and the job points to it'
);

select * from finish();
rollback;
