-- Requests a job. The rate limit, the idempotency key, the dedupe key and the insert are decided in
-- one transaction; two requests that race end as one job.
--
-- Outcomes: created | existing (same key and request, or an active job holds the dedupe key)
-- | conflict (same idempotency key, another request) | rate_limited + retry_after (seconds).

-- When a user who asks for one more job of a limited type may have it; null: now.
create function public.plan_job_allowed_at(
  p_user_id uuid, p_type public.plan_job_types
) returns timestamptz
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_window interval := make_interval(secs => p_type.enqueue_window_seconds);
  v_since timestamptz := now() - v_window;
begin
  -- Counting and inserting are one step for each user and type: requests that race take turns.
  perform pg_advisory_xact_lock(
    hashtextextended(p_user_id::text || ':' || p_type.job_type, 0)
  );
  -- Ids begin with their time: the bound on them spares the read of the user's older jobs.
  return (
    select job.created_at + v_window
    from public.plan_generation_jobs as job
    where
      job.user_id = p_user_id
      and job.id >= rpad(
        lpad(to_hex((extract(epoch from v_since) * 1000)::bigint), 12, '0'), 32, '0'
      )::uuid
      and job.job_type = p_type.job_type
      and job.created_at > v_since
    order by job.created_at desc
    offset p_type.max_enqueues - 1
    limit 1
  );
end
$$;

revoke all on function public.plan_job_allowed_at(uuid, public.plan_job_types)
from public, anon, authenticated;
grant execute on function public.plan_job_allowed_at(uuid, public.plan_job_types) to service_role;

create function public.enqueue_plan_job(
  p_user_id uuid,
  p_job_type text,
  p_params jsonb,
  p_priority integer default 5,
  p_run_at timestamptz default null,
  p_idempotency_key text default null,
  p_project_id uuid default null,
  p_ttl_hours integer default null,
  p_trace_id text default null
) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_type public.plan_job_types;
  v_job public.plan_generation_jobs;
  v_dedupe_key text;
  v_allowed_at timestamptz;
begin
  select * into v_type from public.plan_job_types where job_type = p_job_type;
  if not found then
    raise sqlstate 'PT422' using
      message = format('There is no job type "%s".', p_job_type),
      detail = 'unknown_job_type',
      hint = 'Add a row for it to plan_job_types.';
  end if;
  if v_type.dedupe_by = 'project' and p_project_id is null then
    raise sqlstate 'PT422' using
      message = format('Jobs of type "%s" belong to a project.', p_job_type),
      detail = 'project_required',
      hint = 'Send project_id.';
  end if;

  v_dedupe_key := case v_type.dedupe_by
    when 'user' then p_job_type || ':user:' || p_user_id
    -- With the user in it, so that nobody is answered with a job of somebody else.
    when 'project' then p_job_type || ':user:' || p_user_id || ':project:' || p_project_id
  end;

  -- A job that stands in the way of the insert can end before it is read: then try again.
  for v_try in 1 .. 5 loop
    if p_idempotency_key is not null then
      select * into v_job from public.plan_generation_jobs
      where user_id = p_user_id and idempotency_key = p_idempotency_key;
      if found then
        return jsonb_build_object(
          'outcome', case
            when
              v_job.job_type = p_job_type
              and v_job.params = p_params
              and v_job.project_id is not distinct from p_project_id
              then 'existing'
            else 'conflict'
          end,
          'job', public.describe_plan_job(v_job)
        );
      end if;
    end if;

    if v_type.max_enqueues is not null then
      v_allowed_at := public.plan_job_allowed_at(p_user_id, v_type);
    end if;
    insert into public.plan_generation_jobs (
      user_id, job_type, params, priority, run_at, idempotency_key, dedupe_key, project_id,
      trace_id, max_retries, max_crashes, backoff_base_seconds, backoff_cap_seconds,
      lease_seconds, max_runtime_seconds, ttl_hours
    )
    select
      p_user_id, p_job_type, p_params, p_priority, coalesce(p_run_at, now()), p_idempotency_key,
      v_dedupe_key, p_project_id, p_trace_id, v_type.max_retries, v_type.max_crashes,
      v_type.backoff_base_seconds, v_type.backoff_cap_seconds, v_type.lease_seconds,
      v_type.max_runtime_seconds, coalesce(p_ttl_hours, v_type.ttl_hours)
    where v_allowed_at is null
    on conflict do nothing
    returning * into v_job;
    if found then
      return jsonb_build_object('outcome', 'created', 'job', public.describe_plan_job(v_job));
    end if;

    select * into v_job from public.plan_generation_jobs
    where dedupe_key = v_dedupe_key and status in ('pending', 'processing');
    if found then
      return jsonb_build_object('outcome', 'existing', 'job', public.describe_plan_job(v_job));
    end if;
    if v_allowed_at is not null then
      return jsonb_build_object(
        'outcome', 'rate_limited',
        'retry_after',
        greatest(1, ceil(extract(epoch from v_allowed_at - clock_timestamp())))::integer
      );
    end if;
  end loop;

  raise sqlstate 'PT503' using
    message = 'The request kept meeting jobs that ended at the same moment.',
    detail = 'busy',
    hint = 'Send it again.';
end
$$;

revoke all on function public.enqueue_plan_job(
  uuid, text, jsonb, integer, timestamptz, text, uuid, integer, text
) from public, anon, authenticated;
grant execute on function public.enqueue_plan_job(
  uuid, text, jsonb, integer, timestamptz, text, uuid, integer, text
) to service_role;
