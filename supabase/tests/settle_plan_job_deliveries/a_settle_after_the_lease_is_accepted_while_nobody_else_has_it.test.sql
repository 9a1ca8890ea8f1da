begin;
select plan(1);

select tests.empty_outbox();
select tests.make_notification('job');
select tests.address();
select tests.claim_deliveries('claim');
select tests.make_due('job');
select is(tests.settle_delivery('job', 'claim', 'delivered'), 'delivered', 'it was delivered');

select * from finish();
rollback;
