begin;
select plan(4);

select tests.make_job('job ' || number) from generate_series(1, 43) as number;
update public.plan_generation_jobs set backoff_base_seconds = 900 where job_type = 'pgtap';
select tests.claim('claim 1', 43);

create function pg_temp.fail(p_first integer, p_last integer, p_more jsonb) returns void
language sql
as $$
  select public.fail_plan_jobs(
    (
      select jsonb_agg(tests.entry('job ' || number, 'claim 1', '{"error": {}}' || p_more))
      from generate_series(p_first, p_last) as number
    )
  )
$$;

select pg_temp.fail(1, 20, '{"not_before": 0}');
select is(
  (
    select max(job.run_at) > now() + interval '60 seconds'
    from generate_series(1, 20) as number, tests.job('job ' || number) as job
  ),
  true,
  'who asks for no wait does not shorten ours'
);

select pg_temp.fail(21, 40, '{"not_before": 500}');
select is(
  (
    select min(job.run_at) >= now() + interval '499 seconds'
    from generate_series(21, 40) as number, tests.job('job ' || number) as job
  ),
  true,
  'who asks for more gets it'
);

select pg_temp.fail(41, 41, '{"not_before": 500, "retry_after": 7}');
select is(
  (tests.job('job 41')).run_at < now() + interval '60 seconds',
  true,
  'retry_after is the last word'
);

select pg_temp.fail(42, 43, '{"not_before": 1e300}');
select is(
  (tests.job('job 42')).run_at between now() + interval '6 days' and now() + interval '8 days',
  true,
  'a week at most'
);

select * from finish();
rollback;
