begin;
select plan(4);

select results_eq(
  $$
    select role::text, array(
      select privilege from unnest(array['usage', 'create']) as privilege
      where has_schema_privilege(role, 'supajobs', privilege)
    )
    from unnest(array['anon', 'authenticated', 'service_role']) as role
    order by role
  $$,
  $$
    values
    ('anon', '{}'::text[]), ('authenticated', '{}'::text[]), ('service_role', '{usage}'::text[])
  $$,
  'nobody else may use it'
);
select is_empty(
  $$
    select oid::regclass from pg_class
    where
      relnamespace = 'supajobs'::regnamespace
      and relkind = 'r'
      and not has_table_privilege('service_role', oid, 'select, insert, update, delete')
  $$,
  'the service may read and write each table'
);

set local role authenticated;
select throws_ok('select * from supajobs.lanes', 'permission denied for schema supajobs');
set local role anon;
select throws_ok('select supajobs.new_id()', 'permission denied for schema supajobs');

select * from finish();
rollback;
