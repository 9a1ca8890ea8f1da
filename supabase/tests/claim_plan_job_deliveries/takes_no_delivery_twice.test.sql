begin;
select plan(2);

select tests.empty_outbox();
select tests.make_notification('job');
select tests.address();
select is(jsonb_array_length(tests.claim_deliveries('claim 1')), 1, 'taken');
select is(tests.claim_deliveries('claim 2'), '[]', 'once');

select * from finish();
rollback;
