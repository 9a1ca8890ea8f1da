begin;
select plan(2);

select tests.make_attempt(10);
select tests.make_job('job ' || number) from generate_series(1, 4) as number;

select ok(
  (tests.position('job 1') ->> 'estimated_completion_at')::timestamptz
  between now() + interval '10 seconds' and clock_timestamp() + interval '10 seconds',
  'the next takes as long as the others did'
);
select ok(
  (tests.position('job 4') ->> 'estimated_completion_at')::timestamptz
  between now() + interval '40 seconds' and clock_timestamp() + interval '40 seconds',
  'the fourth waits for three'
);

select * from finish();
rollback;
