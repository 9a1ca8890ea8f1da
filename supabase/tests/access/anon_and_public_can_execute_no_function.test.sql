begin;
select plan(3);

select is_empty(
  $$
    select oid::regprocedure from pg_proc
    where
      pronamespace = 'public'::regnamespace
      and has_function_privilege('anon', oid, 'execute')
  $$,
  'no function is open to anon'
);
select is_empty(
  $$
    select pg_proc.oid::regprocedure
    from pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) as acl
    where pronamespace = 'public'::regnamespace and acl.grantee = 0
  $$,
  'no function is open to everybody'
);

set local role anon;
select throws_ok(
  'select public.claim_next_plan_job(null)',
  'permission denied for function claim_next_plan_job'
);

select * from finish();
rollback;
