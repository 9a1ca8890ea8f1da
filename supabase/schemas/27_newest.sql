-- The newest request wins: one that is debounced waits a while before its job starts, and what is
-- asked for meanwhile, under the same dedupe key, takes its place.
--
-- A job that has never started takes the new request. One that has, runs on by what it was asked
-- for, its retries and waits too, for its steps are of that: it hands its key on to one more job,
-- which is held until it has ended, however it ends, and takes the requests that still come.
--
-- So the key is always that of the newest job. What has handed it on has one that no request can
-- have: {dedupe key}:handed on:{id}. So has a job that completed and said what is to follow it.

-- The dedupe key under which a job was asked for.
create function supajobs.dedupe_key_of(p_job public.plan_generation_jobs) returns text
language sql
immutable
set search_path = ''
as $$
  select replace(p_job.dedupe_key, ':handed on:' || p_job.id, '')
$$;

-- Locks the job before this one, if that has handed its key on to it: a retry takes the two in this
-- order.
create function supajobs.lock_job_before(p_job_id uuid) returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform from public.plan_generation_jobs as before
  where
    before.id = any(array(
      select edge.parent_id from supajobs.edges as edge where edge.job_id = p_job_id
    ))
    and before.dedupe_key like '%:handed on:%'
  for no key update;
end
$$;

-- Gives the key of a job that was cancelled back to the one before it, while that is active.
create function supajobs.give_key_back(p_job public.plan_generation_jobs) returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  update public.plan_generation_jobs as before
  set dedupe_key = p_job.dedupe_key
  from supajobs.edges as edge
  where
    edge.job_id = p_job.id
    and before.id = edge.parent_id
    and before.dedupe_key = p_job.dedupe_key || ':handed on:' || before.id
    and before.completed_at is null;
end
$$;

-- Says what is wrong with a request that is to be debounced.
create function supajobs.check_debounce(
  p_type public.plan_job_types,
  p_run_at timestamptz,
  p_provider_key text,
  p_after jsonb,
  p_debounce_seconds double precision,
  p_debounce_max_seconds double precision
) returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if
    p_debounce_seconds between 0 and 604800 is not true
    or p_debounce_max_seconds between p_debounce_seconds and 604800 is false
  then
    raise sqlstate 'PT422' using
      message = 'A request is debounced by up to a week, and by no less in all than at a time.',
      detail = 'debounce_out_of_range',
      hint = 'Send debounce_seconds from 0 to 604800, and debounce_max_seconds from that on.';
  end if;
  if p_type.dedupe_by is null then
    raise sqlstate 'PT422' using
      message = format('Jobs of type "%s" have no dedupe key to debounce by.', p_type.job_type),
      detail = 'debounce_without_dedupe',
      hint = 'Set plan_job_types.dedupe_by.';
  end if;
  if num_nonnulls(p_run_at, p_after) > 0 then
    raise sqlstate 'PT422' using
      message = 'When a debounced job starts, the requests for it decide.',
      detail = 'debounce_with_another_start',
      hint = 'Leave run_at and after out, or debounce_seconds.';
  end if;
  if p_provider_key is not null and not p_type.allows_provider_key then
    perform supajobs.refuse_provider_key(p_type.job_type);
  end if;
end
$$;

-- Has a locked job that never started take another request. It keeps its id and its place among
-- the user's jobs, and a provider's key that it has unless there is a new one. As it stands for
-- several requests now, the keys of all of them are beside it.
create function supajobs.replace_request(
  p_job public.plan_generation_jobs,
  p_params jsonb,
  p_priority integer,
  p_run_at timestamptz,
  p_idempotency_key text,
  p_project_id uuid,
  p_ttl_hours integer,
  p_trace_id text,
  p_provider_key text
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_job public.plan_generation_jobs;
begin
  insert into supajobs.answered_keys (user_id, idempotency_key, job_id, request_hash)
  select coalesce(p_job.user_id, supajobs.nobody()), request.key, p_job.id, request.hash
  from (
    values
    (
      p_job.idempotency_key,
      supajobs.hash_request(p_job.job_type, p_job.params, p_job.project_id)
    ),
    (p_idempotency_key, supajobs.hash_request(p_job.job_type, p_params, p_project_id))
  ) as request (key, hash)
  where request.key is not null
  on conflict do nothing;

  if p_provider_key is not null then
    insert into supajobs.provider_keys (job_id, ciphertext) values (p_job.id, p_provider_key)
    on conflict (job_id) do update set ciphertext = excluded.ciphertext;
  end if;
  -- It leaves the place that it had under the limits of its key to others.
  if p_job.has_ties then
    insert into supajobs.news (job_id)
    select p_job.id
    union all
    (
      select waiting.job_id from supajobs.keyed_jobs as waiting
      where
        waiting.is_waiting
        and waiting.job_type = p_job.job_type
        and waiting.project_id = p_job.project_id
        and waiting.project_id is distinct from p_project_id
      limit 1
    );
    update supajobs.keyed_jobs set project_id = p_project_id, priority = p_priority
    where job_id = p_job.id;
  end if;

  update public.plan_generation_jobs
  set
    params = p_params,
    priority = p_priority,
    run_at = p_run_at,
    turn = null,
    is_held = is_held and exists (
      select from supajobs.edges where job_id = p_job.id and outcome is null
    ),
    idempotency_key = null,
    project_id = p_project_id,
    ttl_hours = p_ttl_hours,
    trace_id = p_trace_id,
    has_provider_key = has_provider_key or p_provider_key is not null,
    updated_at = clock_timestamp()
  where id = p_job.id
  returning * into v_job;
  return json_build_object(
    'outcome', 'existing', 'replaced', true, 'job', supajobs.describe_job(v_job)
  );
end
$$;

-- A debounced request, otherwise as enqueue_plan_job has it, which has checked it. Its job is due
-- p_debounce_seconds after it, or p_debounce_max_seconds after the first request that it stands
-- for. Only a job that is new counts as one under the limits.
create function supajobs.enqueue_newest(
  p_type public.plan_job_types,
  p_dedupe_key text,
  p_user_id uuid,
  p_params jsonb,
  p_priority integer,
  p_run_at timestamptz,
  p_idempotency_key text,
  p_project_id uuid,
  p_ttl_hours integer,
  p_trace_id text,
  p_provider_key text,
  p_after jsonb,
  p_debounce_seconds double precision,
  p_debounce_max_seconds double precision
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_owner uuid := coalesce(p_user_id, supajobs.nobody());
  v_now timestamptz;
  v_run_at timestamptz;
  v_is_repeated boolean;
  v_job public.plan_generation_jobs;
  v_answer json;
begin
  perform supajobs.check_debounce(
    p_type, p_run_at, p_provider_key, p_after, p_debounce_seconds, p_debounce_max_seconds
  );
  -- One at a time for each user; and what enqueue_plan_job locks, before any job.
  perform supajobs.lock_users(array[p_user_id::text]);
  if p_type.max_enqueues is not null then
    perform supajobs.lock_rate_limit(p_user_id::text, p_type.job_type);
  end if;
  v_now := clock_timestamp();
  v_run_at := v_now + make_interval(secs => p_debounce_seconds);

  -- Plain requests wait for nobody here: they may come between, with its key or with its dedupe key.
  for v_try in 1 .. 5 loop
    v_is_repeated := exists (
      select from public.plan_generation_jobs
      where user_id = p_user_id and idempotency_key = p_idempotency_key
      union all
      select from public.plan_generation_jobs
      where p_user_id is null and user_id is null and idempotency_key = p_idempotency_key
      union all
      select from supajobs.answered_keys
      where user_id = v_owner and idempotency_key = p_idempotency_key
    );
    if not v_is_repeated then
      -- The user before the jobs, as a deletion goes.
      perform supajobs.lock_user_of(job.id) from public.plan_generation_jobs as job
      where job.dedupe_key = p_dedupe_key and job.status in ('pending', 'processing');
      select * into v_job from public.plan_generation_jobs
      where dedupe_key = p_dedupe_key and status in ('pending', 'processing')
      for no key update;
    end if;
    if v_job.id is not null and v_job.started_at is null then
      return supajobs.replace_request(
        v_job,
        p_params,
        p_priority,
        greatest(
          v_now,
          least(v_run_at, v_job.created_at + make_interval(secs => p_debounce_max_seconds))
        ),
        p_idempotency_key,
        p_project_id,
        coalesce(p_ttl_hours, p_type.ttl_hours),
        p_trace_id,
        p_provider_key
      );
    end if;

    update public.plan_generation_jobs set dedupe_key = p_dedupe_key || ':handed on:' || id
    where id = v_job.id;
    v_answer := public.enqueue_plan_job(
      p_user_id => p_user_id,
      p_job_type => p_type.job_type,
      p_params => p_params,
      p_priority => p_priority,
      p_run_at => v_run_at,
      p_idempotency_key => p_idempotency_key,
      p_project_id => p_project_id,
      p_ttl_hours => p_ttl_hours,
      p_trace_id => p_trace_id,
      p_provider_key => p_provider_key,
      p_after => case when v_job.id is not null then jsonb_build_object('before', v_job.id) end,
      p_on_parent_failure => 'run'
    );
    if v_answer ->> 'outcome' = 'created' then
      return v_answer;
    end if;
    -- There is no next one.
    update public.plan_generation_jobs set dedupe_key = p_dedupe_key where id = v_job.id;
    if v_is_repeated or v_job.id is not null or v_answer ->> 'outcome' <> 'existing' then
      return v_answer;
    end if;
    -- A plain request has come between: this one, the newer of the two, is not answered yet.
    delete from supajobs.answered_keys
    where user_id = v_owner and idempotency_key = p_idempotency_key;
  end loop;

  raise sqlstate 'PT503' using
    message = 'The request kept meeting others that came between.',
    detail = 'busy',
    hint = 'Send it again.';
end
$$;
