begin;
select plan(1);

select tests.empty_outbox();
select tests.make_notification('job');
select tests.address();
select tests.claim_deliveries('claim 1');
select tests.settle_delivery('job', 'claim 1', 'retry', p_more => '{"wait": 0}');
select is(
  (tests.delivery('job')).run_at >= now() + interval '2 seconds',
  true,
  'a receiver that says "at once" is not asked fifteen times within a minute'
);

select * from finish();
rollback;
