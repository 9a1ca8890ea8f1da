begin;
select plan(3);

select is_empty(
  $$
    select pg_class.oid::regclass, privilege
    from
      pg_class,
      unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger'])
        as privilege
    where
      relnamespace = 'public'::regnamespace
      and relkind in ('r', 'p', 'v', 'm', 'f')
      and has_table_privilege('anon', oid, privilege)
  $$,
  'no privilege on a table or view'
);
select is_empty(
  $$
    select attrelid::regclass, attname
    from pg_attribute
    inner join pg_class on attrelid = pg_class.oid
    where
      relnamespace = 'public'::regnamespace
      and relkind in ('r', 'p', 'v', 'm', 'f')
      and attnum > 0
      and not attisdropped
      and has_column_privilege('anon', attrelid, attnum, 'select, insert, update, references')
  $$,
  'nor on a column'
);

set local role anon;
select throws_ok(
  'select id from public.plan_generation_jobs',
  'permission denied for table plan_generation_jobs'
);

select * from finish();
rollback;
