-- What of the schema matters to the queue, for `supajobs doctor`, which compares it with what the
-- migrations make of an empty project.

-- Who may do what: {role: [privileges]}, of the roles that API keys and users' tokens stand for.
create function supajobs.describe_grants(p_acl aclitem[]) returns json
language sql
stable
strict -- most columns have none of their own
set search_path = ''
as $$
  select coalesce(json_object_agg(granted.role, granted.privileges order by granted.role), '{}')
  from (
    select
      case when acl.grantee = 0 then 'public' else grantee.rolname end as role,
      json_agg(lower(acl.privilege_type) order by acl.privilege_type) as privileges
    from aclexplode(p_acl) as acl
    left join pg_catalog.pg_roles as grantee on acl.grantee = grantee.oid
    where acl.grantee = 0 or grantee.rolname in ('anon', 'authenticated', 'service_role')
    group by 1
  ) as granted
$$;

-- {postgres: major version, migrations: {version: name} or null where no history can be read,
-- private_schema: who may use it, job_types: [names], relations: {name: {kind, options, definition,
-- row_level_security, grants, columns, constraints, indexes, policies, triggers}}, functions:
-- {signature: {name, arguments, returns, language, volatility, security_definer, settings, body,
-- grants}}}.
--
-- Tables and views are those of the private schema, named with it, and those of public with "plan"
-- in their name, as all of the queue's have; some may be the project's own. Functions' bodies and
-- views' definitions are told by their md5.
create function public.describe_plan_schema() returns json
language plpgsql
stable
-- PostgREST does not serve the migrations' history, and service_role may not read it. Its owner,
-- who ran the migrations, may. See docs/decisions/0010.
security definer
set search_path = ''
as $$
declare
  v_migrations json;
begin
  begin
    execute
      'select coalesce(json_object_agg(version, name order by version), ''{}'') '
      || 'from supabase_migrations.schema_migrations'
    into v_migrations;
  exception when undefined_table or undefined_column or insufficient_privilege then
    v_migrations := null;
  end;

  return (
    with relations as (
      select
        relation.*,
        case relation.relnamespace when 'supajobs'::regnamespace then 'supajobs.' else '' end
        || relation.relname as name
      from pg_catalog.pg_class as relation
      where
        relation.relkind in ('r', 'p', 'v', 'm')
        and (
          relation.relnamespace = 'supajobs'::regnamespace
          or (relation.relnamespace = 'public'::regnamespace and relation.relname like '%plan%')
        )
    ),

    columns as (
      select
        col.attrelid,
        json_object_agg(
          col.attname,
          json_build_object(
            'type', format_type(col.atttypid, col.atttypmod),
            'not_null', col.attnotnull,
            'value', case
              when col.attidentity <> '' then 'generated as identity'
              when col.attgenerated = '' then pg_get_expr(def.adbin, def.adrelid)
              else 'generated ' || pg_get_expr(def.adbin, def.adrelid)
            end,
            'grants', coalesce(supajobs.describe_grants(col.attacl), '{}')
          )
          order by col.attname
        ) as described
      from pg_catalog.pg_attribute as col
      left join pg_catalog.pg_attrdef as def
        on col.attrelid = def.adrelid and col.attnum = def.adnum
      where col.attrelid in (select oid from relations) and col.attnum > 0 and not col.attisdropped
      group by col.attrelid
    ),

    constraints as (
      select
        each.conrelid,
        json_object_agg(each.conname, pg_get_constraintdef(each.oid) order by each.conname)
          as described
      from pg_catalog.pg_constraint as each
      where
        each.conrelid in (select oid from relations)
        and each.contype in ('c', 'f', 'p', 'u', 'x')
      group by each.conrelid
    ),

    indexes as (
      select
        each.indrelid,
        json_object_agg(
          index.relname,
          pg_get_indexdef(index.oid) || case when each.indisvalid then '' else ' (invalid)' end
          order by index.relname
        ) as described
      from pg_catalog.pg_index as each
      inner join pg_catalog.pg_class as index on each.indexrelid = index.oid
      where
        each.indrelid in (select oid from relations)
        and not exists (
          select from pg_catalog.pg_constraint as owner
          where owner.conindid = index.oid and owner.contype in ('p', 'u', 'x')
        )
      group by each.indrelid
    ),

    policies as (
      select
        format('%I.%I', policy.schemaname, policy.tablename)::regclass as polrelid,
        json_object_agg(
          policy.policyname,
          json_build_object(
            'command', lower(policy.cmd),
            'kind', lower(policy.permissive),
            'roles', policy.roles,
            'using', policy.qual,
            'with_check', policy.with_check
          )
          order by policy.policyname
        ) as described
      from pg_catalog.pg_policies as policy
      where policy.schemaname in ('public', 'supajobs')
      group by policy.schemaname, policy.tablename
    ),

    triggers as (
      select
        each.tgrelid,
        json_object_agg(
          each.tgname,
          pg_get_triggerdef(each.oid)
          || case when each.tgenabled = 'O' then '' else ' (not enabled)' end
          order by each.tgname
        ) as described
      from pg_catalog.pg_trigger as each
      where each.tgrelid in (select oid from relations) and not each.tgisinternal
      group by each.tgrelid
    ),

    functions as (
      select
        json_object_agg(
          each.oid::regprocedure::text,
          json_build_object(
            'name', each.proname,
            'arguments', pg_get_function_arguments(each.oid),
            'returns', pg_get_function_result(each.oid),
            'language', lang.lanname,
            'volatility', each.provolatile,
            'security_definer', each.prosecdef,
            'settings', array(select unnest(each.proconfig) order by 1),
            'body', md5(replace(each.prosrc, e'\r', '')), -- of a checkout on Windows
            'grants',
            case each.pronamespace
              -- Who may not use the schema can call nothing in it.
              when 'supajobs'::regnamespace then '{}'
              else supajobs.describe_grants(coalesce(each.proacl, acldefault('f', each.proowner)))
            end
          )
          order by each.oid::regprocedure::text
        ) as described
      from pg_catalog.pg_proc as each
      inner join pg_catalog.pg_language as lang on each.prolang = lang.oid
      where
        each.pronamespace = 'supajobs'::regnamespace
        or (each.pronamespace = 'public'::regnamespace and each.proname like '%plan%')
    )

    select
      json_build_object(
        'postgres', current_setting('server_version_num')::integer / 10000,
        'migrations', v_migrations,
        'private_schema',
        (
          select coalesce(supajobs.describe_grants(own.nspacl), '{}')
          from pg_catalog.pg_namespace as own
          where own.nspname = 'supajobs'
        ),
        'job_types',
        (select json_agg(type.job_type order by type.job_type) from public.plan_job_types as type),
        'relations',
        coalesce(
          json_object_agg(
            relations.name,
            json_build_object(
              'kind', case when relations.relkind in ('v', 'm') then 'view' else 'table' end,
              'options',
              case
                when relations.relkind = 'v'
                  then array(select unnest(relations.reloptions) order by 1)
                else array[]::text[]
              end,
              'definition',
              case
                when relations.relkind in ('v', 'm') then md5(pg_get_viewdef(relations.oid))
              end,
              'row_level_security', relations.relrowsecurity,
              'grants', coalesce(supajobs.describe_grants(relations.relacl), '{}'),
              'columns', columns.described,
              'constraints', coalesce(constraints.described, '{}'),
              'indexes', coalesce(indexes.described, '{}'),
              'policies', coalesce(policies.described, '{}'),
              'triggers', coalesce(triggers.described, '{}')
            )
            order by relations.name
          ),
          '{}'
        ),
        'functions', (select coalesce(functions.described, '{}') from functions)
      )
    from relations
    left join columns on relations.oid = columns.attrelid
    left join constraints on relations.oid = constraints.conrelid
    left join indexes on relations.oid = indexes.indrelid
    left join policies on relations.oid = policies.polrelid
    left join triggers on relations.oid = triggers.tgrelid
  );
end
$$;

revoke all on function public.describe_plan_schema from public, anon, authenticated;
grant execute on function public.describe_plan_schema to service_role;
