begin;
select plan(2);

select isnt_empty(
  $$select from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'$$,
  'there are views'
);
select is_empty(
  $$
    select oid::regclass from pg_class
    where
      relnamespace = 'public'::regnamespace
      and relkind = 'v'
      and 'security_invoker=true' <> all(coalesce(reloptions, '{}'))
  $$,
  'Row Level Security holds for who asks, not for who made the view'
);

select * from finish();
rollback;
