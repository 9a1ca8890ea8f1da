begin;
select plan(1);

-- A trigger has no caller: it runs as whoever happens to delete the row.
select is_empty(
  $$
    select oid::regprocedure from pg_proc
    where
      pronamespace = 'public'::regnamespace
      and prosecdef
      and prorettype <> 'trigger'::regtype
  $$,
  'no function is security definer'
);

select * from finish();
rollback;
