begin;
select plan(4);

select tests.debounce('first', p_seconds => 60, p_max_seconds => 90);
select tests.make_older('first', interval '50 seconds');
select tests.debounce('second', p_seconds => 60, p_max_seconds => 90);
select is(
  (tests.job('second')).run_at,
  (tests.job('second')).created_at + interval '90 seconds',
  'it is due 90 seconds after the first request'
);
select tests.make_older('second', interval '100 seconds');
select tests.debounce('third', p_seconds => 60, p_max_seconds => 90);
select ok(
  (tests.job('third')).run_at <= clock_timestamp(), 'what is beyond that is due at once'
);
select ok((tests.job('third')).run_at >= now(), 'and not before the request');
select is(tests.claim_names('claim 1', 1, 'newest'), array['third'], 'so it runs');

select * from finish();
rollback;
