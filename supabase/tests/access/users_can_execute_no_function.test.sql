begin;
select plan(3);

select is_empty(
  $$
    select oid::regprocedure from pg_proc
    where
      pronamespace = 'public'::regnamespace
      and has_function_privilege('authenticated', oid, 'execute')
  $$,
  'every request goes through the API'
);

select tests.sign_in('user a');
select throws_ok(
  'select public.claim_next_plan_job(null)',
  'permission denied for function claim_next_plan_job'
);
select throws_ok(
  'select public.cancel_plan_job(null, null)', 'permission denied for function cancel_plan_job'
);

select * from finish();
rollback;
