begin;
select plan(2);

select tests.empty_outbox();
select tests.make_notification('job 1');
select tests.make_notification('job 2');
select tests.address();
update supajobs.deliveries set run_at = now() - interval '1 minute'
where id = (tests.delivery('job 2')).id;

select is(
  tests.claim_deliveries('claim 1', p_max_deliveries => 1) #>> '{0, notification, job_id}',
  tests.id('job 2')::text,
  'job 2'
);
select is(
  tests.claim_deliveries('claim 2', p_max_deliveries => 1) #>> '{0, notification, job_id}',
  tests.id('job 1')::text,
  'job 1'
);

select * from finish();
rollback;
