begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.complete('job', 'claim 1');

select ok(
  (tests.job('job')).completed_at between now() and clock_timestamp(), 'it has ended just now'
);
select is(
  (tests.job('job')).expires_at - (tests.job('job')).completed_at,
  interval '72 hours',
  'it may be deleted when the time to live of its type is over'
);

select * from finish();
rollback;
