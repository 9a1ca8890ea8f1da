begin;
select plan(1);

select tests.empty_outbox();
select tests.register('phone');
select tests.make_notification('job');
select tests.address();
select tests.claim_deliveries('claim', 'expo');
select tests.register('phone');
select tests.settle_delivery('job', 'claim', 'gone', 'expo');
select isnt((tests.device('phone')).id, null, 'it is there after what we heard of it');

select * from finish();
rollback;
