begin;
select plan(3);

select tests.violates_check(
  'sweeps_name_known',
  $$insert into supajobs.sweeps (name) values ('starts')$$
);
select throws_ok(
  $$insert into supajobs.sweeps (name) values ('leases')$$,
  'duplicate key value violates unique constraint "sweeps_pkey"'
);
select is((select count(*) from supajobs.sweeps), 2::bigint, 'and never none');

select * from finish();
rollback;
