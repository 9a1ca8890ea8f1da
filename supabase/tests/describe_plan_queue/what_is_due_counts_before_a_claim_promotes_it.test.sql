begin;
select plan(4);

select tests.make_job('job', p_run_at => now() + interval '1 hour');
select tests.make_older('job', interval '10 seconds');

select is((tests.job('job')).turn, null, 'it has no turn yet');
select is(tests.figures() -> 'pending', '1', 'it is pending');
select is(tests.figures() -> 'scheduled', '0', 'and no longer for later');
select ok(
  (tests.figures() ->> 'oldest_pending_seconds')::numeric between 10 and 70,
  'and waits since it was due'
);

select * from finish();
rollback;
