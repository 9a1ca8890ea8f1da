begin;
select plan(1);

-- A worker can lose a job, claim it again, and still run its first attempt.
select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');
select tests.claim('claim 2');

select bag_eq(
  $$
    select answer ->> 'outcome'
    from json_array_elements(
      public.heartbeat_plan_jobs(
        jsonb_build_array(
          jsonb_build_object('job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 1')),
          jsonb_build_object('job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 2'))
        )
      )
    ) as answer
  $$,
  array['lost', 'held'],
  'only the new claim holds the job'
);

select * from finish();
rollback;
