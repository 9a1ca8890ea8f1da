begin;
select plan(2);

select tests.empty_outbox();
select tests.register('phone');
select tests.make_notification('job');
select tests.address();
select is(tests.claim_deliveries('claim 1', 'web'), '[]', 'nothing for browsers');
select is(jsonb_array_length(tests.claim_deliveries('claim 2', 'expo')), 1, 'one for the phone');

select * from finish();
rollback;
