begin;
select plan(3);

-- A worker can lose a job, claim it again, and still run its first attempt.
select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');
select tests.claim('claim 2');

select bag_eq(
  $$
    select (answer ->> 'claim_id')::uuid, answer ->> 'outcome'
    from json_array_elements(
      public.fail_plan_jobs(
        jsonb_build_array(
          tests.entry('job', 'claim 1', '{"error": {"of": "claim 1"}}'),
          tests.entry('job', 'claim 2', '{"error": {"of": "claim 2"}}')
        )
      )
    ) as answer
  $$,
  $$values (tests.id('claim 1'), 'stale'), (tests.id('claim 2'), 'retrying')$$,
  'only the new claim holds the job'
);
select is((tests.attempt('job', 'claim 1')).outcome, 'crashed', 'the old attempt stays crashed');
select is((tests.job('job')).error ->> 'of', 'claim 2', 'the error is that of the new one');

select * from finish();
rollback;
