begin;
select plan(1);

select is_empty(
  $$
    select oid::regprocedure from pg_proc
    where
      pronamespace in ('public'::regnamespace, 'supajobs'::regnamespace)
      and not coalesce(proconfig @> array['search_path=""'], false)
  $$,
  'no function finds a table that a caller has put in its way'
);

select * from finish();
rollback;
