begin;
select plan(1);

select tests.make_attempt(10);
select tests.make_job('running ' || number) from generate_series(1, 2) as number;
select tests.claim('claim 1', 2);
select tests.make_job('job ' || number) from generate_series(1, 5) as number;

select ok(
  (tests.position('job 5') ->> 'estimated_completion_at')::timestamptz
  between now() + interval '30 seconds' and clock_timestamp() + interval '30 seconds',
  'four before it, two at a time'
);

select * from finish();
rollback;
