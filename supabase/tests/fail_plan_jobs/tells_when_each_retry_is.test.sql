begin;
select plan(2);

select tests.make_job('soon');
select tests.make_job('later');
select tests.claim('claim 1', 2);

select bag_eq(
  $$
    select (answer ->> 'job_id')::uuid, (answer ->> 'run_at')::timestamptz
    from json_array_elements(
      public.fail_plan_jobs(
        jsonb_build_array(
          tests.entry('soon', 'claim 1', '{"error": {}, "retry_after": 1}'),
          tests.entry('later', 'claim 1', '{"error": {}, "retry_after": 100}')
        )
      )
    ) as answer
  $$,
  $$select id, run_at from public.plan_generation_jobs where job_type = 'pgtap'$$,
  'each has its own'
);
select is(
  (tests.job('later')).run_at - (tests.job('soon')).run_at, interval '99 seconds', 'as was asked'
);

select * from finish();
rollback;
