begin;
select plan(3);

select tests.empty_outbox();
select tests.make_notification('job');
select tests.address();
select tests.claim_deliveries('claim 1');
select tests.make_due('job');
select tests.claim_deliveries('claim 2');

select is(tests.settle_delivery('job', 'claim 1', 'failed'), 'stale', 'who came too late');
select is((tests.delivery('job')).status, 'pending', 'changes nothing');
select is(tests.settle_delivery('job', 'claim 2', 'delivered'), 'delivered', 'who has it');

select * from finish();
rollback;
