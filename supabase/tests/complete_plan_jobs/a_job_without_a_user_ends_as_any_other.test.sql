begin;
select plan(5);

update public.plan_job_types set notifies = true where job_type = 'pgtap';
select tests.make_job('plan', null, 'training_plan');
select tests.make_job('steps', null);
select tests.make_job('lost', null);
select tests.claim('claim 1', p_job_type => 'training_plan');
select tests.claim('claim 2', 2);

select is(
  tests.complete('plan', 'claim 1', p_plan => '{"weeks": 1}', p_usage => '{"cost_usd": 2}'),
  'completed',
  'with a plan and its costs'
);
select is(
  (
    select plan.plan from public.weekly_base_plans as plan
    where plan.job_id = (tests.job('plan')).id and plan.user_id is null
  ),
  '{"weeks": 1}',
  'which the service sees'
);
select tests.save_step('steps', 'claim 2', p_usage => '{"cost_usd": 1}');
select tests.expire_lease('steps');
select tests.sweep();
select is((tests.job('steps')).status, 'pending', 'a lost one is taken back with its costs');
select is(
  (select sum(cost_usd) from public.plan_job_costs where user_id is null and job_type = 'pgtap'),
  1::numeric,
  'which the ledger knows'
);
select is(tests.notifications('plan'), '{}', 'nobody is notified');

select * from finish();
rollback;
