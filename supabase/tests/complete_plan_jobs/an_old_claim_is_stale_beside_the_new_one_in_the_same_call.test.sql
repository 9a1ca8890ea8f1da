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
      public.complete_plan_jobs(
        jsonb_build_array(
          tests.entry('job', 'claim 1', '{"plan": {"of": "claim 1"}}'),
          tests.entry('job', 'claim 2', '{"plan": {"of": "claim 2"}}')
        )
      )
    ) as answer
  $$,
  $$values (tests.id('claim 1'), 'stale'), (tests.id('claim 2'), 'completed')$$,
  'only the new claim holds the job'
);
select is((tests.attempt('job', 'claim 1')).outcome, 'crashed', 'the old attempt stays crashed');
select results_eq(
  $$select plan ->> 'of' from public.weekly_base_plans where user_id = tests.id('user a')$$,
  array['claim 2'],
  'the plan is that of the new one'
);

select * from finish();
rollback;
