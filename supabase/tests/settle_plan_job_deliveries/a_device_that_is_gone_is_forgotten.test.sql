begin;
select plan(4);

select tests.empty_outbox();
select tests.register(device) from unnest(array['phone', 'tablet']) as device;
select tests.make_notification('job');
select tests.address();
delete from supajobs.deliveries
where push_token_id = (tests.device('tablet')).id;
select tests.claim_deliveries('claim', 'expo');
select is(tests.settle_delivery('job', 'claim', 'gone', 'expo'), 'failed', 'failed');
select is((tests.device('phone')).id, null, 'forgotten');
select isnt((tests.device('tablet')).id, null, 'not so the others');
select is(tests.settle_delivery('job', 'claim', 'gone', 'expo'), 'failed', 'a replay, too');

select * from finish();
rollback;
