begin;
select plan(3);

select tests.empty_outbox();
select tests.make_notification('old', p_age => '25 hours');
select tests.make_notification('young', p_age => '23 hours');
select tests.address();
select is(
  tests.claim_deliveries('claim') #>> '{0, notification, job_id}', tests.id('young')::text,
  'takes the other'
);
select is((tests.delivery('old')).status, 'expired', 'expired');
select is(tests.settle_delivery('old', 'claim', 'delivered'), 'expired', 'for good');

select * from finish();
rollback;
