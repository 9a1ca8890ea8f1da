begin;
select plan(1);

select tests.make_job('job ' || number) from generate_series(1, 30) as number;

select results_eq(
  $$
    select name
    from generate_series(1, 10) as number, unnest(tests.claim_names('claim ' || number, 3)) as name
  $$,
  $$select 'job ' || number from generate_series(1, 30) as number$$,
  'first come, first served'
);

select * from finish();
rollback;
