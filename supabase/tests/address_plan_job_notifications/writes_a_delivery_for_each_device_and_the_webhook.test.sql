begin;
select plan(2);

select tests.empty_outbox();
select tests.register('phone');
select tests.register('browser', p_kind => 'web');
select tests.register('of somebody else', 'user b');
select tests.make_notification('job');
select tests.address();

select bag_eq(
  $$
    select delivery.channel, token.token
    from supajobs.deliveries as delivery
    left join public.plan_push_tokens as token on delivery.push_token_id = token.id
  $$,
  $$values ('expo', 'phone'), ('web', 'browser'), ('webhook', null)$$,
  'for those of its user'
);
select tests.address();
select is((select count(*)::integer from supajobs.deliveries), 3, 'once');

select * from finish();
rollback;
