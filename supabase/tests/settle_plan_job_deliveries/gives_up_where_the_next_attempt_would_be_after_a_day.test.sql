begin;
select plan(2);

select tests.empty_outbox();
select tests.make_notification('job', p_age => '23 hours');
select tests.address();
select tests.claim_deliveries('claim 1');
select is(
  tests.settle_delivery('job', 'claim 1', 'retry', p_more => '{"wait": 600}'), 'retrying', 'yet'
);
select tests.make_due('job');
select tests.claim_deliveries('claim 2');
select is(
  tests.settle_delivery('job', 'claim 2', 'retry', p_more => '{"wait": 7200}'), 'expired', 'no more'
);

select * from finish();
rollback;
