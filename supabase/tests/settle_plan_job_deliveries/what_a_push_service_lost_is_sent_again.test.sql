begin;
select plan(2);

select tests.empty_outbox();
select tests.register('phone');
select tests.make_notification('job');
select tests.address();
select tests.claim_deliveries('claim 1', 'expo');
select tests.settle_delivery('job', 'claim 1', 'sent', 'expo', '{"ticket": "x", "wait": 900}');
select tests.make_due('job', 'expo');
select tests.claim_deliveries('claim 2', 'expo');
select is(tests.settle_delivery('job', 'claim 2', 'retry', 'expo'), 'retrying', 'again');
select is((tests.delivery('job', 'expo')).ticket, null, 'from the start');

select * from finish();
rollback;
