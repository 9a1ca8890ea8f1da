begin;
select plan(4);

select tests.empty_outbox();
select tests.make_notification('job 1');
select tests.make_notification('job 2');
select tests.address();
create temporary table claimed as select tests.claim_deliveries('claim') as them;
select tests.make_notification('job 3');
select tests.address();

select is(tests.claim_deliveries('claim'), them, 'the same') from claimed;
select is((tests.delivery('job 1')).attempts::integer, 1, 'which is no further attempt');
select tests.settle_delivery('job 1', 'claim', 'retry', p_more => '{"wait": 3600}');
select is(
  tests.claim_deliveries('claim') #>> '{0, notification, job_id}', tests.id('job 2')::text,
  'without what is settled'
);
select is(jsonb_array_length(tests.claim_deliveries('claim')), 1, 'or new');

select * from finish();
rollback;
