begin;
select plan(3);

select tests.violates_check(
  'sweep_one_row',
  'insert into supajobs.sweep (singleton) values (false)'
);
select throws_ok(
  'insert into supajobs.sweep default values',
  'duplicate key value violates unique constraint "sweep_pkey"'
);
select is((select count(*) from supajobs.sweep), 1::bigint, 'and never none');

select * from finish();
rollback;
