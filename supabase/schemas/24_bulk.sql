-- Many jobs at once: requests in one call, and what operators do to all jobs of a kind.

-- One entry of enqueue_plan_jobs. p_ids has the ids of the jobs before it in the call by their ref.
create function supajobs.enqueue_entry(p_entry jsonb, p_ids jsonb) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_after jsonb := nullif(p_entry -> 'after', 'null');
begin
  if jsonb_typeof(v_after) = 'array' then
    select jsonb_object_agg(parent.ref, parent.ref) into v_after
    from jsonb_array_elements_text(v_after) as parent (ref);
    v_after := coalesce(v_after, '{}');
  end if;
  if jsonb_typeof(v_after) = 'object' then
    select
      coalesce(jsonb_object_agg(parent.name, coalesce(p_ids ->> parent.ref, parent.ref)), '{}')
    into v_after
    from jsonb_each_text(v_after) as parent (name, ref);
  end if;
  return public.enqueue_plan_job(
    p_user_id => (p_entry ->> 'user_id')::uuid,
    p_job_type => p_entry ->> 'job_type',
    p_params => coalesce(nullif(p_entry -> 'params', 'null'), '{}'),
    p_priority => coalesce((p_entry ->> 'priority')::integer, 5),
    p_run_at => (p_entry ->> 'run_at')::timestamptz,
    p_idempotency_key => p_entry ->> 'idempotency_key',
    p_project_id => (p_entry ->> 'project_id')::uuid,
    p_ttl_hours => (p_entry ->> 'ttl_hours')::integer,
    p_trace_id => p_entry ->> 'trace_id',
    p_provider_key => p_entry ->> 'provider_key',
    p_after => v_after,
    p_on_parent_failure => coalesce(p_entry ->> 'on_parent_failure', 'cancel'),
    p_debounce_seconds => (p_entry ->> 'debounce_seconds')::double precision,
    p_debounce_max_seconds => (p_entry ->> 'debounce_max_seconds')::double precision
  );
end
$$;

-- Inserts in one statement what nothing can stand against: entries of types without limits and
-- dedupe keys, in range, for nobody's end to wait for, and the first with its idempotency key.
-- Answers those that were created; the others are to be asked for one by one.
create function supajobs.enqueue_plain_entries(p_jobs jsonb) returns table (
  place bigint, answer json
)
language plpgsql
volatile
set search_path = ''
set enable_nestloop = off -- of a thousand entries each is to be looked at once
set enable_sort = on
as $$
begin
  return query
  with asked as materialized (
    select
      entry.place, given.*,
      row_number() over (
        partition by given.user_id, coalesce(given.idempotency_key, entry.place::text)
        order by entry.place
      ) as use_of_key
    from jsonb_array_elements(p_jobs) with ordinality as entry (value, place)
    cross join lateral jsonb_to_record(entry.value) as given (
      user_id uuid, job_type text, params jsonb, priority integer, run_at timestamptz,
      idempotency_key text, project_id uuid, ttl_hours integer, trace_id text, provider_key text,
      after jsonb, debounce_seconds text, debounce_max_seconds text
    )
  ),

  plain as materialized (
    select
      supajobs.new_id() as id, asked.place, asked.user_id, asked.job_type,
      coalesce(asked.params, '{}') as params, coalesce(asked.priority, 5) as priority,
      coalesce(asked.run_at, now()) as run_at, asked.idempotency_key, asked.project_id,
      asked.trace_id, type.max_retries, type.max_crashes, type.backoff_base_seconds,
      type.backoff_cap_seconds, type.lease_seconds, type.max_runtime_seconds,
      coalesce(asked.ttl_hours, type.ttl_hours) as ttl_hours,
      type.notifies and asked.user_id is not null as notifies
    from asked
    inner join public.plan_job_types as type on asked.job_type = type.job_type
    where
      num_nonnulls(
        asked.provider_key, asked.after, asked.debounce_seconds, asked.debounce_max_seconds,
        type.dedupe_by, type.max_enqueues, type.max_cost_per_user_month, type.max_running_per_user,
        type.max_running_per_project
      ) = 0
      and asked.use_of_key = 1
      and length(asked.idempotency_key) <= 255 is not false
      and coalesce(asked.priority, 5) between 0 and 10
      and coalesce(asked.ttl_hours, 1) between 1 and 168
      and coalesce(asked.run_at, now()) between '2000-01-01Z' and '2200-01-01Z'
      and coalesce(jsonb_typeof(asked.params), 'object') = 'object'
      -- Not as a join, which would read all keys.
      and (
        select count(*) from supajobs.answered_keys as known
        where
          known.user_id = coalesce(asked.user_id, supajobs.nobody())
          and known.idempotency_key = asked.idempotency_key
      ) = 0
    order by asked.place
  ),

  numbered as materialized (
    select
      plain.*,
      case when plain.run_at <= now() then row_number() over same_user end as number
    from plain
    window same_user as (
      partition by plain.user_id, plain.job_type, plain.priority, plain.run_at <= now()
      order by plain.place
    )
  ),

  placed as materialized (
    select
      numbered.*,
      numbered.number - 1 + max(
        case
          when numbered.number = 1
            then supajobs.next_turn(numbered.user_id, numbered.job_type, numbered.priority)
        end
      ) over (
        partition by numbered.user_id, numbered.job_type, numbered.priority
      ) as turn
    from numbered
  ),

  created as (
    insert into public.plan_generation_jobs as job (
      id, user_id, job_type, params, priority, run_at, turn, idempotency_key, project_id, trace_id,
      max_retries, max_crashes, backoff_base_seconds, backoff_cap_seconds, lease_seconds,
      max_runtime_seconds, ttl_hours, notifies
    )
    select
      placed.id, placed.user_id, placed.job_type, placed.params, placed.priority, placed.run_at,
      placed.turn, placed.idempotency_key, placed.project_id, placed.trace_id, placed.max_retries,
      placed.max_crashes, placed.backoff_base_seconds, placed.backoff_cap_seconds,
      placed.lease_seconds, placed.max_runtime_seconds, placed.ttl_hours, placed.notifies
    from placed
    order by placed.place
    on conflict do nothing
    returning job.id, supajobs.describe_job(job) as described
  )

  select placed.place, json_build_object('outcome', 'created', 'job', created.described)
  from created
  inner join placed on created.id = placed.id;
end
$$;

-- Requests up to 1000 jobs: [{user_id, job_type, params?, …}], each entry what enqueue_plan_job
-- takes. Its rules hold among them, too, as if they came one after the other. An entry may have a
-- ref, by which later ones name it in their after: [ref or id], or {name: ref or id}.
--
-- Answers one outcome for each, in their order: what enqueue_plan_job answers, or {outcome:
-- refused, code, message, hint} for one that it raises an error for. That one was not requested;
-- the others were.
create function public.enqueue_plan_jobs(p_jobs jsonb) returns json
language plpgsql
volatile
set search_path = ''
set enable_sort = off -- as for one job
as $$
declare
  v_created record;
  v_entry record;
  v_answer json;
  v_answers json[];
  v_ids jsonb := '{}';
  v_state text;
  v_message text;
  v_code text;
  v_hint text;
begin
  if jsonb_typeof(p_jobs) is distinct from 'array' or jsonb_array_length(p_jobs) > 1000 then
    raise sqlstate 'PT422' using
      message = 'A call requests a list of 1000 jobs at most.',
      detail = 'jobs_out_of_range',
      hint = 'Send the others in calls of their own.';
  end if;

  begin
    for v_created in select * from supajobs.enqueue_plain_entries(p_jobs) loop
      v_answers[v_created.place] := v_created.answer;
    end loop;
  exception when data_exception or integrity_constraint_violation then
    v_answers := null; -- which entry it is, is seen when they come one by one
  end;

  for v_entry in
    select entry.value, entry.place
    from jsonb_array_elements(p_jobs) with ordinality as entry (value, place)
    order by entry.place
  loop
    v_answer := v_answers[v_entry.place];
    if v_answer is null then
      begin
        v_answer := supajobs.enqueue_entry(v_entry.value, v_ids);
      exception when data_exception or integrity_constraint_violation or sqlstate 'PT422' then
        get stacked diagnostics
          v_state = returned_sqlstate,
          v_message = message_text,
          v_code = pg_exception_detail,
          v_hint = pg_exception_hint;
        v_answer := json_build_object(
          'outcome', 'refused',
          'code', case v_state when 'PT422' then v_code else v_state end,
          'message', v_message,
          'hint', v_hint
        );
      end;
      v_answers[v_entry.place] := v_answer;
    end if;
    if v_entry.value ? 'ref' then
      v_ids := v_ids || jsonb_build_object(
        v_entry.value ->> 'ref',
        coalesce(v_answer #>> '{job, id}', 'refused: ' || (v_entry.value ->> 'ref'))
      );
    end if;
  end loop;
  return array_to_json(v_answers);
end
$$;

revoke all on function public.enqueue_plan_jobs from public, anon, authenticated;
grant execute on function public.enqueue_plan_jobs to service_role;
