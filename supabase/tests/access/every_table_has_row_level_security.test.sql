begin;
select plan(2);

select isnt_empty(
  $$
    select 1 from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relrowsecurity
  $$,
  'there are tables'
);
select is_empty(
  $$
    select oid::regclass from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relrowsecurity
  $$,
  'a grant by mistake still shows no rows'
);

select * from finish();
rollback;
