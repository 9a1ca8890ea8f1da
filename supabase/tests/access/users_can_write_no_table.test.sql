begin;
select plan(4);

select is_empty(
  $$
    select pg_class.oid::regclass, privilege
    from
      pg_class,
      unnest(array['insert', 'update', 'delete', 'truncate', 'references', 'trigger'])
        as privilege
    where
      relnamespace = 'public'::regnamespace
      and relkind in ('r', 'p', 'v', 'm', 'f')
      and has_table_privilege('authenticated', oid, privilege)
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
      and has_column_privilege('authenticated', attrelid, attnum, 'insert, update, references')
  $$,
  'nor on a column'
);

select tests.make_job('job');
select tests.sign_in('user a');
select throws_ok(
  $$update public.plan_generation_jobs set priority = 10 where trace_id = 'job'$$,
  'permission denied for table plan_generation_jobs'
);
select throws_ok(
  'delete from public.plan_generation_jobs',
  'permission denied for table plan_generation_jobs'
);

select * from finish();
rollback;
