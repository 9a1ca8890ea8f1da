begin;
select plan(7);

select tests.empty_outbox();
select tests.register('phone');
select tests.make_notification('job');
select tests.address();
select tests.claim_deliveries('claim 1', 'expo');
select is(
  tests.settle_delivery(
    'job', 'claim 1', 'sent', 'expo', '{"ticket": "ticket 1", "wait": 900}'
  ),
  'sent',
  'sent'
);
select is(
  (tests.delivery('job', 'expo')).run_at > now() + interval '14 min', true, 'in 15 minutes'
);

delete from public.plan_push_tokens where true;
select tests.make_due('job', 'expo');
select is(
  tests.claim_deliveries('claim 2', 'expo') #>> '{0, ticket}',
  'ticket 1',
  'whether or not the device is still there'
);
select is((tests.delivery('job', 'expo')).attempts::integer, 1, 'which is no attempt');
select is(
  tests.settle_delivery('job', 'claim 2', 'sent', 'expo', '{"wait": 900}'), 'sent', 'not known yet'
);
select tests.make_due('job', 'expo');
select is(
  tests.claim_deliveries('claim 3', 'expo') #>> '{0, ticket}', 'ticket 1', 'asked again'
);
select is(
  tests.settle_delivery('job', 'claim 3', 'delivered', 'expo'), 'delivered', 'until it is known'
);

select * from finish();
rollback;
