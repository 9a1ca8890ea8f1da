begin;
select plan(1);

select is_empty(
  $$
    select oid::regprocedure from pg_proc
    where pronamespace = 'public'::regnamespace and prosecdef
  $$,
  'no function is security definer'
);

select * from finish();
rollback;
