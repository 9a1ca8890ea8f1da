begin;
select plan(3);

select tests.empty_outbox();
select tests.make_notification('job');
select tests.address();
update supajobs.deliveries set attempts = 14;
select tests.claim_deliveries('claim');
select is(
  tests.settle_delivery('job', 'claim', 'retry', p_more => '{"error": "http_500"}'),
  'expired',
  'expired'
);
select is((tests.delivery('job')).error, 'http_500', 'with the last error on record');
select is((tests.delivery('job')).run_at, null, 'for good');

select * from finish();
rollback;
