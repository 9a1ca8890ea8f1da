begin;
select plan(4);

select tests.empty_outbox();
select tests.register('phone');
select tests.make_notification('job');
select tests.address();
delete from public.plan_push_tokens where true;
select is(tests.claim_deliveries('claim', 'expo'), '[]', 'nobody is written to');
select is((tests.delivery('job', 'expo')).status, 'failed', 'failed');
select is((tests.delivery('job', 'expo')).error, 'device_removed', 'because of that');
select is((tests.delivery('job', 'expo')).attempts::integer, 0, 'without an attempt');

select * from finish();
rollback;
