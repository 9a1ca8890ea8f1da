begin;
select plan(1);

select setseed(0.5);
select tests.make_job('job ' || number) from generate_series(1, 20) as number;
select tests.claim('claim 1', 20);

select public.fail_plan_jobs(
  (
    select jsonb_agg(tests.entry('job ' || number, 'claim 1', '{"error": {}}'))
    from generate_series(1, 20) as number
  )
);

select is(
  (select count(distinct run_at) from public.plan_generation_jobs where job_type = 'pgtap'),
  20::bigint,
  'jobs that failed together do not come back together'
);

select * from finish();
rollback;
