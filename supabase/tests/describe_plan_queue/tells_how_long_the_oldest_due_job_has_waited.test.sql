begin;
select plan(1);

select tests.make_job('older', p_priority => 1);
select tests.make_older('older', interval '70 seconds');
select tests.make_job('old', p_priority => 9);
select tests.make_older('old', interval '60 seconds');
select tests.make_job('running', p_priority => 10);
select tests.make_older('running', interval '1 day');
select tests.claim('claim 1');

select ok(
  (tests.figures() ->> 'oldest_pending_seconds')::numeric between 70 and 130,
  'in whatever lane it is'
);

select * from finish();
rollback;
