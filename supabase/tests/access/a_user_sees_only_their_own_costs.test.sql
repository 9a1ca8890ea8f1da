begin;
select plan(4);

select tests.make_job('job of a', 'user a');
select tests.make_job('job of b', 'user b');
select tests.claim('claim 1', 2);
select tests.complete('job of a', 'claim 1', p_usage => '{"cost_usd": 1}');
select tests.complete('job of b', 'claim 1', p_usage => '{"cost_usd": 2}');

select tests.sign_in('user a');
select results_eq(
  'select cost_usd from public.plan_user_costs', array[1::numeric], 'user a sees theirs'
);
select results_eq(
  'select cost_usd from public.plan_job_costs', array[1::numeric], 'one by one as well'
);

reset role;
select tests.sign_in('user b');
select results_eq(
  'select cost_usd from public.plan_user_costs', array[2::numeric], 'user b sees theirs'
);
select throws_ok(
  'select claim_id from public.plan_job_costs', 'permission denied for table plan_job_costs'
);

select * from finish();
rollback;
