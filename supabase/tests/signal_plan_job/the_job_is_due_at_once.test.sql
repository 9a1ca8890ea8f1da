begin;
select plan(6);

select tests.put_off_sweep();
select tests.make_job('job');
select tests.claim('claim 1');
select tests.suspend('job', 'claim 1');

select is(tests.signal('job', '{"by": "Ada"}'), 'stored', 'it is told');

select is((tests.job('job')).waiting_for, null, 'it waits no longer');
select isnt((tests.job('job')).turn, null, 'it has a turn, without a promotion');
select ok((tests.job('job')).run_at <= clock_timestamp(), 'it is due');
select is(tests.claim_names('claim 2'), array['job'], 'the next claim gets it');
select is(
  tests.found('job', 'claim 2') -> 'signals', '{"approval": {"by": "Ada"}}', 'with the payload'
);

select * from finish();
rollback;
