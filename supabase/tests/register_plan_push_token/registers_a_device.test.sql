begin;
select plan(3);

select tests.empty_outbox();
select is(tests.register('phone') ->> 'outcome', 'created', 'created');
select row_eq(
  $$select user_id, kind, p256dh, auth from public.plan_push_tokens where token = 'phone'$$,
  row(tests.id('user a'), 'expo'::text, null::text, null::text),
  'a phone'
);
select tests.register('browser', p_kind => 'web');
select row_eq(
  $$select kind, p256dh, auth from public.plan_push_tokens where token = 'browser'$$,
  row('web'::text, 'a key'::text, 'a secret'::text),
  'a browser, with what it takes to write to it'
);

select * from finish();
rollback;
