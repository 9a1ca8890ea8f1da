begin;
select plan(2);

select tests.make_job('job of a', p_user => 'user a');
select tests.make_job('job of b', p_user => 'user b');

select tests.sign_in('user a');
select results_eq(
  'select trace_id from public.plan_generation_jobs', array['job of a'], 'user a sees theirs'
);

reset role;
select tests.sign_in('user b');
select results_eq(
  'select trace_id from public.plan_generation_jobs', array['job of b'], 'user b sees theirs'
);

select * from finish();
rollback;
