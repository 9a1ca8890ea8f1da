begin;
select plan(2);

select throws_ok(
  $$ select public.enqueue_plan_jobs('{}') $$,
  'PT422', 'A call requests a list of 1000 jobs at most.'
);
select throws_ok(
  $$
    select public.enqueue_plan_jobs(
      (select jsonb_agg('{}'::jsonb) from generate_series(1, 1001))
    )
  $$,
  'PT422', 'A call requests a list of 1000 jobs at most.'
);

select * from finish();
rollback;
