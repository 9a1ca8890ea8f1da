begin;
select plan(3);

select tests.empty_outbox();
select tests.register('phone a');
select tests.register('phone b', 'user b');
create temporary table devices as select
  id,
  user_id
from public.plan_push_tokens;
grant select on devices to authenticated;

select tests.sign_in('user a');
select results_eq(
  'select id from public.plan_push_tokens',
  $$select id from devices where user_id = tests.id('user a')$$,
  'user a sees theirs'
);
select throws_ok(
  'select token from public.plan_push_tokens', 'permission denied for table plan_push_tokens'
);
select throws_ok(
  'select auth from public.plan_push_tokens', 'permission denied for table plan_push_tokens'
);

select * from finish();
rollback;
