begin;
select plan(4);

select tests.empty_outbox();
select is(tests.address() ->> 'due', '{}', 'none, none');
select tests.register('phone');
select tests.make_notification('job');
select tests.address();
update supajobs.deliveries set run_at = now() + interval '1 hour' where channel = 'expo';
select is(
  (tests.address() #>> '{due, expo}')::numeric between 3500 and 3600, true, 'in an hour'
);
select is((tests.address() #>> '{due, webhook}')::numeric <= 0, true, 'now');
select tests.claim_deliveries('claim');
select is(
  (tests.address() #>> '{due, webhook}')::numeric between 50 and 60,
  true,
  'a claimed one when its lease is over'
);

select * from finish();
rollback;
