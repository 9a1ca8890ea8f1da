begin;
select plan(1);

select is_empty(
  $$
    select oid::regprocedure from pg_proc
    where pronamespace in ('public'::regnamespace, 'supajobs'::regnamespace) and prosrc ~ '40001|40P01|serialization_failure'
  $$,
  'neither a serialization failure nor a deadlock'
);

select * from finish();
rollback;
