begin;
select plan(2);

select tests.register('phone');
select is(
  public.delete_plan_push_token((tests.device('phone')).id, tests.make_user('user b'))
  ->> 'outcome',
  'not_found',
  'not found'
);
select isnt((tests.device('phone')).id, null, 'it stays');

select * from finish();
rollback;
