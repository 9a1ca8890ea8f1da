begin;
select plan(1);

select tests.make_job('job');
select tests.make_older('job', interval '1 hour');
select tests.claim('claim 1');
select tests.release('job', 'claim 1');

select ok(
  (tests.figures() ->> 'oldest_pending_seconds')::numeric between 0 and 60,
  'its run is no part of the wait'
);

select * from finish();
rollback;
