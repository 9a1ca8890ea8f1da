begin;
select plan(4);

select tests.make_job('of the system', null);
select tests.make_job('of user a');
select is((tests.job('of the system')).user_id, null, 'the service sees it');

select tests.sign_in('user a');
select results_eq(
  'select trace_id from public.plan_generation_jobs', array['of user a'], 'a user sees theirs alone'
);
select set_config('request.jwt.claims', '{"role": "authenticated"}', true);
select is_empty(
  'select id from public.plan_generation_jobs', 'a token without a user is not the system'
);

reset role;
set local role anon;
select throws_ok(
  'select id from public.plan_generation_jobs',
  'permission denied for table plan_generation_jobs'
);
reset role;

select * from finish();
rollback;
