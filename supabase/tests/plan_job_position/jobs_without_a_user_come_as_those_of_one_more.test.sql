begin;
select plan(3);

select tests.make_job('a ' || number) from generate_series(1, 3) as number;
select tests.make_job('system ' || number, null) from generate_series(1, 2) as number;

select is(
  tests.position('system 1') -> 'position_in_queue', '2', 'after the first of the user'
);
select is(
  tests.position('a 2') -> 'position_in_queue', '3', 'which the second of the user comes after'
);
select is(
  tests.position('system 2') -> 'position_in_queue', '4', 'before the third of the user'
);

select * from finish();
rollback;
