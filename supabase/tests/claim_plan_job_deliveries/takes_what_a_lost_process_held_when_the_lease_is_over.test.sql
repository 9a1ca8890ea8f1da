begin;
select plan(3);

select tests.empty_outbox();
select tests.make_notification('job');
select tests.address();
select tests.claim_deliveries('claim 1', p_lease_seconds => 30);
select is(
  (tests.delivery('job')).run_at between now() + interval '25 s' and now() + interval '31 s',
  true,
  'half a minute'
);
select tests.make_due('job');
select is(tests.claim_deliveries('claim 2') #>> '{0, attempts}', '2', 'the second attempt');
select is(tests.settle_delivery('job', 'claim 1', 'delivered'), 'stale', 'the first is out');

select * from finish();
rollback;
