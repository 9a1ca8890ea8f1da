begin;
select plan(1);

select tests.make_job('job', p_run_at => now() - interval '1 year');

select ok(
  (tests.figures() ->> 'oldest_pending_seconds')::numeric between 0 and 60, 'not for a year'
);

select * from finish();
rollback;
