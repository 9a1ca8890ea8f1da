begin;
select plan(3);

set local role service_role;
select throws_ok(
  'select version from supabase_migrations.schema_migrations',
  'permission denied for schema supabase_migrations',
  'not by itself'
);
select is(
  public.describe_plan_schema() #>> '{migrations, 20261129000000}', 'create_plan_queue',
  'through it, version and name'
);

reset role;
alter table supabase_migrations.schema_migrations rename to elsewhere;
set local role service_role;
select is(public.describe_plan_schema() ->> 'migrations', null, 'null where there is none');

select * from finish();
rollback;
