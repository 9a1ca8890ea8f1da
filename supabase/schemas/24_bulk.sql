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

-- Takes the locks that the entries of a call need, in the one order (lock_users). Entries without
-- keys and parents stand in nobody's way.
create function supajobs.lock_for_entries(p_jobs jsonb) returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_user_ids text[];
  v_limit record;
begin
  -- As text, and as it is: what is wrong with an entry is told of that one.
  select array_agg(distinct coalesce(entry.value ->> 'user_id', supajobs.nobody()::text))
  into v_user_ids
  from jsonb_array_elements(p_jobs) as entry (value)
  left join public.plan_job_types as type on entry.value ->> 'job_type' = type.job_type
  where
    coalesce(entry.value ->> 'idempotency_key', entry.value ->> 'after', type.dedupe_by) is not null;
  perform supajobs.lock_users(v_user_ids);

  for v_limit in
    select distinct
      coalesce(lower(entry.value ->> 'user_id'), supajobs.nobody()::text) collate "C" as user_id,
      type.job_type
    from jsonb_array_elements(p_jobs) as entry (value)
    inner join public.plan_job_types as type on entry.value ->> 'job_type' = type.job_type
    where type.max_enqueues is not null
    order by user_id, type.job_type
  loop
    perform supajobs.lock_rate_limit(v_limit.user_id, v_limit.job_type);
  end loop;
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

  if exists (
    select from jsonb_array_elements(p_jobs) as entry (value)
    where entry.value ->> 'ref' is not null
    group by entry.value ->> 'ref'
    having count(*) > 1
  ) then
    raise sqlstate 'PT422' using
      message = 'Two of the jobs have the same ref.',
      detail = 'ref_repeated',
      hint = 'Give each that others wait for a ref of its own.';
  end if;

  perform supajobs.lock_for_entries(p_jobs);
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
    if v_entry.value ->> 'ref' is not null then
      v_ids := v_ids || jsonb_build_object(
        v_entry.value ->> 'ref',
        case
          when v_answer ->> 'outcome' in ('created', 'existing') then v_answer #>> '{job, id}'
          -- The job that a conflict answers with is another request's.
          else 'refused: ' || (v_entry.value ->> 'ref')
        end
      );
    end if;
  end loop;
  return array_to_json(v_answers);
end
$$;

-- Sets the priority of a job that has not ended, between 0 and 10: anybody's, for operators.
--
-- One that waits in the queue goes to its new lane, behind what its user has there. Where its type
-- has a limit per key, it gives its place to the most urgent one that waits for it. One that is
-- held, or waits for its time, comes there when it may; one that runs, if it has to come again.
--
-- Outcomes: prioritised | finished | not_found.
create function public.set_plan_job_priority(p_job_id uuid, p_priority integer) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_job public.plan_generation_jobs;
  v_is_held boolean;
begin
  if p_priority between 0 and 10 is not true then
    raise sqlstate 'PT422' using
      message = 'The priority lies between 0 and 10.',
      detail = 'out_of_range',
      hint = '5 is what jobs have that do not say.';
  end if;
  select * into v_job from public.plan_generation_jobs where id = p_job_id for no key update;
  if not found then
    return '{"outcome": "not_found"}';
  end if;
  if v_job.completed_at is not null then
    return json_build_object('outcome', 'finished', 'job', supajobs.describe_job(v_job));
  end if;
  update public.plan_generation_jobs set priority = p_priority, updated_at = clock_timestamp()
  where id = p_job_id and priority <> p_priority; -- and leave_lane takes its turn away
  if v_job.status = 'pending' and v_job.turn is not null and v_job.priority <> p_priority then
    v_is_held := v_job.has_ties and supajobs.is_limited_by_key(p_job_id);
    update public.plan_generation_jobs
    set
      turn = case when not v_is_held then supajobs.next_turn(user_id, job_type, priority) end,
      is_held = v_is_held
    where id = p_job_id;
    insert into supajobs.news (job_id) select p_job_id where v_is_held;
  end if;
  select * into v_job from public.plan_generation_jobs where id = p_job_id;
  return json_build_object('outcome', 'prioritised', 'job', supajobs.describe_job(v_job));
end
$$;

-- The statuses that a filter names; none, if a job may have any.
create function supajobs.filtered_statuses(p_filter jsonb) returns text[]
language sql
immutable
set search_path = ''
as $$
  select array(select jsonb_array_elements_text(nullif(p_filter -> 'status', 'null')))
$$;

-- The ids of the jobs that a filter lets through, after this one, in their order: {status: [],
-- job_type, error, user_id, project_id, since}, each of which may be left out. A user_id that is
-- null is that of the system's jobs; an error is its code; since is when they were requested.
create function supajobs.filter_jobs(
  p_filter jsonb, p_after uuid, p_max_jobs integer
) returns uuid[]
language plpgsql
stable
set search_path = ''
as $$
declare
  v_statuses text[] := supajobs.filtered_statuses(p_filter);
  v_is_of_somebody boolean := p_filter ? 'user_id';
  v_user_id uuid := p_filter ->> 'user_id';
  v_project_id uuid := p_filter ->> 'project_id';
  v_since timestamptz := p_filter ->> 'since';
begin
  return array(
    select job.id
    from public.plan_generation_jobs as job
    where
      (p_after is null or job.id > p_after)
      and (v_statuses = '{}' or job.status = any(v_statuses))
      and (p_filter ->> 'job_type' is null or job.job_type = p_filter ->> 'job_type')
      and (p_filter ->> 'error' is null or job.error ->> 'code' = p_filter ->> 'error')
      and (not v_is_of_somebody or job.user_id is not distinct from v_user_id)
      and (v_project_id is null or job.project_id = v_project_id)
      -- Ids begin with their time: the bound on them spares the read of older jobs.
      and (v_since is null or job.id >= public.plan_job_id_at(v_since))
      and (v_since is null or job.created_at >= v_since)
    order by job.id
    limit p_max_jobs
  );
end
$$;

create function public.count_plan_jobs(p_filter jsonb) returns json
language sql
stable
set search_path = ''
as $$
  select json_build_object('jobs', cardinality(supajobs.filter_jobs(p_filter, null, null)))
$$;

-- Does to all jobs that a filter lets through, anybody's, what operators want: retry, cancel or
-- prioritise. Up to 500 in a call, and for two seconds; the next call goes on after last_id, until
-- is_done. As the functions for one job do it, so that limits hold, and each for itself.
--
-- Answers {outcomes: {outcome: number}, last_id, is_done}: what those functions answer, and skipped
-- for a job that somebody has locked, or that the filter lets through no longer.
create function public.change_plan_jobs(
  p_change text,
  p_filter jsonb,
  p_priority integer default null,
  p_after uuid default null,
  p_max_jobs integer default 500
) returns json
language plpgsql
volatile
set search_path = ''
set lock_timeout = '100ms'
as $$
declare
  v_until timestamptz := clock_timestamp() + interval '2 seconds';
  v_max_jobs integer := least(500, greatest(1, p_max_jobs));
  v_job_ids uuid[] := supajobs.filter_jobs(p_filter, p_after, v_max_jobs);
  v_statuses text[] := supajobs.filtered_statuses(p_filter);
  v_job public.plan_generation_jobs;
  v_job_id uuid;
  v_last_id uuid := p_after;
  v_outcome text;
  v_outcomes jsonb := '{}';
begin
  if p_change in ('retry', 'cancel', 'prioritise') is not true then
    raise sqlstate 'PT422' using
      message = 'Jobs can be retried, cancelled or prioritised.',
      detail = 'change_unknown',
      hint = 'Send "retry", "cancel" or "prioritise".';
  end if;

  foreach v_job_id in array v_job_ids loop
    exit when clock_timestamp() > v_until;
    begin
      -- First the lock: its status is the one that counts.
      select * into v_job from public.plan_generation_jobs
      where id = v_job_id
      for no key update skip locked;
      v_outcome := case
        when not found or v_statuses <> '{}' and v_job.status <> all(v_statuses) then 'skipped'
        when p_change = 'retry'
          then public.retry_plan_job(v_job_id, v_job.user_id) ->> 'outcome'
        when p_change = 'cancel'
          then public.cancel_plan_job(v_job_id, v_job.user_id) ->> 'outcome'
        else public.set_plan_job_priority(v_job_id, p_priority) ->> 'outcome'
      end;
    exception when lock_not_available or sqlstate 'PT503' then
      v_outcome := 'skipped';
    end;
    v_outcomes := v_outcomes || jsonb_build_object(
      v_outcome, coalesce((v_outcomes ->> v_outcome)::integer, 0) + 1
    );
    v_last_id := v_job_id;
  end loop;

  return json_build_object(
    'outcomes', v_outcomes,
    'last_id', v_last_id,
    'is_done',
    cardinality(v_job_ids) < v_max_jobs
    and v_last_id is not distinct from coalesce(v_job_ids[cardinality(v_job_ids)], p_after)
  );
end
$$;

revoke all on function
public.enqueue_plan_jobs,
public.set_plan_job_priority,
public.count_plan_jobs,
public.change_plan_jobs
from public, anon, authenticated;
grant execute on function
public.enqueue_plan_jobs,
public.set_plan_job_priority,
public.count_plan_jobs,
public.change_plan_jobs
to service_role;
