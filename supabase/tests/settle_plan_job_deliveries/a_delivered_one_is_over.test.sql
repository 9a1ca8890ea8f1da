begin;
select plan(4);

select tests.empty_outbox();
select tests.make_notification('job');
select tests.address();
select tests.claim_deliveries('claim');
select is(tests.settle_delivery('job', 'claim', 'delivered'), 'delivered', 'delivered');
select is((tests.delivery('job')).status, 'delivered', 'for good');
select isnt((tests.delivery('job')).ended_at, null, 'at some time');
select is(tests.address() #>> '{due, webhook}', null, 'nothing is due');

select * from finish();
rollback;
