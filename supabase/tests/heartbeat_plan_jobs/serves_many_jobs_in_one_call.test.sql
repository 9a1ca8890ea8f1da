begin;
select plan(1);

select tests.make_job('held');
select tests.make_job('completed');
select tests.claim('claim 1', 2);
select tests.complete('completed', 'claim 1');

select bag_eq(
  $$
    select (answer ->> 'job_id')::uuid, answer ->> 'outcome'
    from json_array_elements(
      public.heartbeat_plan_jobs(
        jsonb_build_array(
          jsonb_build_object('job_id', (tests.job('held')).id, 'claim_id', tests.id('claim 1')),
          jsonb_build_object('job_id', (tests.job('completed')).id, 'claim_id', tests.id('claim 1')),
          jsonb_build_object('job_id', tests.id('unheard of'), 'claim_id', tests.id('claim 1'))
        )
      )
    ) as answer
  $$,
  $$
    values
    ((tests.job('held')).id, 'held'),
    ((tests.job('completed')).id, 'lost'),
    (tests.id('unheard of'), 'lost')
  $$,
  'each job gets its own answer'
);

select * from finish();
rollback;
