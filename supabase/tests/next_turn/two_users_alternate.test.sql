begin;
select plan(1);

select tests.make_job('a' || number, 'user a') from generate_series(1, 3) as number;
select tests.make_job('b' || number, 'user b') from generate_series(1, 3) as number;

select is(
  tests.claim_names('claim 1', 6),
  array['a1', 'b1', 'a2', 'b2', 'a3', 'b3'],
  'they take turns, whoever came first'
);

select * from finish();
rollback;
