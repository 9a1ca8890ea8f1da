begin;
select plan(1);

select tests.make_job('job ' || number) from generate_series(1, 3) as number;

select results_eq(
  $$select turn from public.plan_generation_jobs where job_type = 'pgtap' order by id$$,
  array[0, 1, 2]::bigint[],
  'a user has one job in each turn'
);

select * from finish();
rollback;
