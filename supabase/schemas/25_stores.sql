-- Functions of the project's own that write what a job came to into its own tables, in the
-- transaction that completes the job: plan_job_types.stored_by. See 13_settle.sql for when.

-- The function of this name that could store something; null if there is none.
create function supajobs.find_store(p_name text) returns regprocedure
language plpgsql
stable
set search_path = '' -- so it has to be named with its schema
as $$
begin
  return to_regprocedure(p_name || '(jsonb, jsonb)');
exception when others then -- nothing that a function may be called
  return null;
end
$$;

-- Why this function cannot be a type's stored_by, {problem, hint}; null if it can.
create function supajobs.explain_store(p_name text) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  v_function regprocedure := supajobs.find_store(p_name);
  v_found record;
begin
  if v_function is null then
    return jsonb_build_object(
      'problem', format('There is no function %s(jsonb, jsonb).', p_name),
      'hint', 'Create it, or name it with its schema: (p_job jsonb, p_store jsonb) returns jsonb.'
    );
  end if;
  select
    function.prokind = 'f' and not function.proretset and function.prorettype = 'jsonb'::regtype
      as returns_jsonb,
    has_schema_privilege('service_role', function.pronamespace, 'usage') as is_in_reach,
    has_function_privilege('service_role', function.oid, 'execute') as is_executable,
    (
      select string_agg(client.name, ', ' order by client.name)
      from unnest(array['anon', 'authenticated']) as client (name)
      where
        has_schema_privilege(client.name, function.pronamespace, 'usage')
        and has_function_privilege(client.name, function.oid, 'execute')
    ) as clients,
    function.pronamespace::regnamespace as place
  into v_found
  from pg_catalog.pg_proc as function
  where function.oid = v_function;

  return case
    when not v_found.returns_jsonb then jsonb_build_object(
      'problem', format('The function %s does not return jsonb.', v_function),
      'hint', 'Create it anew: (p_job jsonb, p_store jsonb) returns jsonb.'
    )
    when not v_found.is_in_reach then jsonb_build_object(
      'problem', format('service_role may not use the schema of %s.', v_function),
      'hint', format('grant usage on schema %s to service_role;', v_found.place)
    )
    when not v_found.is_executable then jsonb_build_object(
      'problem', format('service_role may not execute %s.', v_function),
      'hint', format('grant execute on function %s to service_role;', v_function)
    )
    when v_found.clients is not null then jsonb_build_object(
      'problem', format('Clients (%s) may execute %s.', v_found.clients, v_function),
      'hint', format(
        'revoke execute on function %s from public, anon, authenticated; '
        || 'grant execute on function %1$s to service_role;',
        v_function
      )
    )
  end;
end
$$;

create function supajobs.refuse_unusable_store() returns trigger
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_explained jsonb := supajobs.explain_store(new.stored_by);
begin
  if v_explained is not null then
    raise sqlstate 'PT422' using
      message = v_explained ->> 'problem',
      detail = 'stored_by_unusable',
      hint = v_explained ->> 'hint';
  end if;
  return new;
end
$$;

create trigger plan_job_types_name_usable_stores
before insert or update of stored_by on public.plan_job_types
for each row when (new.stored_by is not null)
execute function supajobs.refuse_unusable_store();

-- What has become unusable since it was named: [{job_type, stored_by, problem, hint}].
create function public.check_plan_stores() returns json
language sql
stable
set search_path = ''
as $$
  select coalesce(
    json_agg(
      json_build_object(
        'job_type', type.job_type,
        'stored_by', type.stored_by,
        'problem', explained.problem ->> 'problem',
        'hint', explained.problem ->> 'hint'
      )
      order by type.job_type
    ),
    '[]'
  )
  from public.plan_job_types as type
  cross join lateral supajobs.explain_store(type.stored_by) as explained (problem)
  where type.stored_by is not null and explained.problem is not null
$$;

-- What the function of this name returns, an object.
create function supajobs.call_store(p_name text, p_job jsonb, p_store jsonb) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_function regprocedure := supajobs.find_store(p_name);
  v_returned jsonb;
begin
  if v_function is null then
    raise undefined_function using
      message = format('There is no function %s(jsonb, jsonb).', p_name);
  end if;
  execute (
    select format('select %I.%I($1, $2)', place.nspname, function.proname)
    from pg_catalog.pg_proc as function
    inner join pg_catalog.pg_namespace as place on function.pronamespace = place.oid
    where function.oid = v_function
  ) into v_returned using p_job, p_store;
  if jsonb_typeof(v_returned) <> 'object' then
    raise invalid_parameter_value using
      message = format('It returned JSON of type %s, not an object.', jsonb_typeof(v_returned));
  end if;
  return coalesce(v_returned, '{}');
end
$$;

-- Stores what a job came to, {plan_id, result}: what the functions returned is merged into its
-- result, save plan_id, which becomes the job's own. Whoever wants that from a job without a
-- function has made a mistake.
create function supajobs.store_outcome(
  p_job public.plan_generation_jobs, p_result jsonb, p_plan jsonb, p_store jsonb
) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_job jsonb := supajobs.describe_job(p_job)::jsonb || jsonb_build_object('result', p_result);
  v_stored_by text;
  v_returned jsonb := '{}';
  v_result jsonb;
begin
  -- Constraints that wait for the commit would there fail for all jobs: they wait for the end of
  -- this one instead, in each the same.
  set constraints all deferred;
  if p_plan is not null then
    if supajobs.find_store('supajobs.store_plan') is null then
      raise sqlstate 'PT422' using
        message = 'There is no table to keep a plan in.',
        detail = 'plans_not_kept',
        hint = 'Complete the job with a result, or apply the migration of training plans.';
    end if;
    v_returned := supajobs.call_store('supajobs.store_plan', v_job, p_plan);
  end if;
  if p_store is not null then
    select type.stored_by into v_stored_by
    from public.plan_job_types as type
    where type.job_type = p_job.job_type;
    if v_stored_by is null then
      raise sqlstate 'PT422' using
        message = format('Nothing stores what jobs of the type %s come to.', p_job.job_type),
        detail = 'nothing_stores_it',
        hint = 'Name a function in plan_job_types.stored_by, or complete the job without `store`.';
    end if;
    v_returned := v_returned || supajobs.call_store(v_stored_by, v_job, p_store);
  end if;
  set constraints all immediate;

  if v_returned - 'plan_id' <> '{}' and jsonb_typeof(p_result) <> 'object' then
    raise invalid_parameter_value using
      message = 'What it returned cannot be merged into a result that is not an object.';
  end if;
  v_result := case v_returned - 'plan_id'
    when '{}' then p_result
    else coalesce(p_result, '{}') || (v_returned - 'plan_id')
  end;
  if v_returned - 'plan_id' <> '{}' and octet_length(v_result::text) > 10 * 1024 * 1024 then
    raise invalid_parameter_value using
      message = 'With what it returned the result has more than 10 MB.';
  end if;
  return jsonb_build_object('plan_id', (v_returned ->> 'plan_id')::uuid, 'result', v_result);
end
$$;

-- How an attempt ends whose outcome could not be stored: {retryable, error, cause}. The database's
-- words are for the people who run the queue; its user is told no more than that it failed.
create function supajobs.describe_failed_store(
  p_state text, p_message text, p_detail text, p_hint text, p_context text
) returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_build_object(
    -- The classes of what is wrong with the data, and what our own functions say of it.
    'retryable', p_state !~ '^(22|23|PT4)',
    'error', jsonb_build_object(
      'code', case p_detail when 'nothing_stores_it' then p_detail else 'store_failed' end,
      'message', 'The result could not be stored.'
    ),
    'cause', jsonb_build_object(
      'exception', p_state,
      'message', left(concat_ws(' ', p_message, nullif(p_hint, '')), 1000),
      'frames', array(
        select left(line.text, 200)
        from string_to_table(p_context, e'\n') with ordinality as line (text, number)
        where line.text not like 'PL/pgSQL function supajobs.complete\_storing%'
        order by line.number desc
        limit 10
      )
    )
  )
$$;

revoke all on function public.check_plan_stores from public, anon, authenticated;
grant execute on function public.check_plan_stores to service_role;
