begin;
select plan(5);

select tests.empty_outbox();
select tests.make_notification(job) from unnest(array['good', 'bad', 'later']) as job;
select tests.address();
select tests.claim_deliveries('claim');
select tests.settle_delivery('good', 'claim', 'delivered');
select tests.settle_delivery('bad', 'claim', 'failed');
select tests.settle_delivery('later', 'claim', 'retry');
create temporary table before as select * from supajobs.deliveries;

select is(tests.settle_delivery('good', 'claim', 'delivered'), 'delivered', 'delivered');
select is(tests.settle_delivery('bad', 'claim', 'failed'), 'failed', 'failed');
select is(tests.settle_delivery('later', 'claim', 'retry'), 'retrying', 'retrying');
select bag_eq('select * from supajobs.deliveries', 'select * from before', 'no change');
select is(tests.settle_delivery('good', 'claim of nobody', 'delivered'), 'stale', 'to its own');

select * from finish();
rollback;
