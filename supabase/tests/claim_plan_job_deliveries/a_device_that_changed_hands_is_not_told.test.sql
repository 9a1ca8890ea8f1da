begin;
select plan(1);

select tests.empty_outbox();
select tests.register('phone');
select tests.make_notification('job');
select tests.address();
select tests.register('phone', 'user b');
select is(tests.claim_deliveries('claim', 'expo'), '[]', 'what its former user had coming');

select * from finish();
rollback;
