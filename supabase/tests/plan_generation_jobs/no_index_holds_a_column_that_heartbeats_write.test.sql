begin;
select plan(1);

-- In its keys, its included columns or its predicate: each would cost every heartbeat an index
-- entry. pg_depend names all columns that an index needs.
select is_empty(
  $$
    select depend.objid::regclass as index, attribute.attname as column
    from pg_depend as depend
    inner join pg_index as index on depend.objid = index.indexrelid
    inner join pg_attribute as attribute
      on depend.refobjid = attribute.attrelid and depend.refobjsubid = attribute.attnum
    where
      depend.classid = 'pg_class'::regclass
      and index.indrelid = 'public.plan_generation_jobs'::regclass
      and attribute.attname in ('lease_expires_at', 'progress', 'updated_at')
  $$,
  'heartbeats are HOT updates'
);

select * from finish();
rollback;
