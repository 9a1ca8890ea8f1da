begin;
select plan(2);

select tests.empty_outbox();
select tests.make_notification('job');
select tests.address();
select tests.claim_deliveries('claim 1');
select is(
  tests.settle_delivery(
    'job', 'claim 1', 'retry', p_more => '{"wait": 3600, "error": "http_429"}'
  ),
  'retrying',
  'again'
);
select is(
  (tests.delivery('job')).run_at between now() + interval '59 min' and now() + interval '61 min',
  true,
  'in an hour'
);

select * from finish();
rollback;
