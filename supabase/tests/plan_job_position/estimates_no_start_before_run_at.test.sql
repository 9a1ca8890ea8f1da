begin;
select plan(1);

select tests.make_attempt(10);
select tests.make_job('job', p_run_at => now() + interval '1 hour');

select is(
  round(
    extract(
      epoch from (tests.position('job') ->> 'estimated_completion_at')::timestamptz
      - (tests.job('job')).run_at
    )
  ),
  10::numeric,
  'it starts then and takes ten seconds'
);

select * from finish();
rollback;
