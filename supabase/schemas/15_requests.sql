-- What else people ask of a job: to cancel it, to run it again, what became of it, where it stands.
-- Nobody's job and somebody else's look the same. Who asks without a user, asks as the system: for
-- a job without one.

-- Locks the user of a job, before the job. The deletion of a user locks the user first, and then
-- the jobs: in another order each could wait for the other.
create function supajobs.lock_user_of(p_job_id uuid) returns void
language plpgsql
volatile
security definer -- for auth.users, of which it tells nothing
set search_path = ''
as $$
begin
  perform from auth.users
  where id = (select job.user_id from public.plan_generation_jobs as job where job.id = p_job_id)
  for key share;
end
$$;

-- Cancels a user's job: a pending one at once, a running one through its next heartbeat.
--
-- Outcomes: cancelled | requested | finished | not_found (nobody's job, or somebody else's).

create function public.cancel_plan_job(p_job_id uuid, p_user_id uuid) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_job public.plan_generation_jobs;
  v_outcome text;
begin
  -- Before the job, as it may have descendants: see lock_users.
  perform supajobs.lock_users(array[p_user_id::text]);
  perform supajobs.lock_user_of(p_job_id);
  perform supajobs.lock_job_before(p_job_id);
  select * into v_job from public.plan_generation_jobs
  where id = p_job_id and user_id is not distinct from p_user_id
  for no key update;
  if not found then
    return '{"outcome": "not_found"}';
  end if;

  v_outcome := case v_job.status
    when 'pending' then 'cancelled'
    when 'cancelled' then 'cancelled'
    when 'processing' then 'requested'
    else 'finished'
  end;
  if v_job.status in ('pending', 'processing') then
    update public.plan_generation_jobs
    set
      cancel_requested_at = coalesce(cancel_requested_at, v_now),
      status = case status when 'pending' then 'cancelled' else status end,
      completed_at = case status when 'pending' then v_now end,
      expires_at = case status when 'pending' then v_now + make_interval(hours => ttl_hours) end,
      is_held = false,
      waiting_for = null,
      updated_at = v_now
    where id = p_job_id
    returning * into v_job;
    if v_job.has_ties and v_job.status = 'cancelled' then
      insert into supajobs.news (job_id) values (p_job_id);
      perform supajobs.end_orphans(array[p_job_id]);
      perform supajobs.give_key_back(v_job);
    end if;
  end if;

  return jsonb_build_object('outcome', v_outcome, 'job', supajobs.describe_job(v_job));
end
$$;

-- Runs a failed or cancelled job again, with fresh budgets and a new turn; its attempts stay on
-- record. It costs what a new job would, and so is held to the same limits of its user.
--
-- Outcomes: retried | existing (a newer active job holds its dedupe key: that one is returned)
-- | not_finished (it is still active, or ended well) | provider_key_required | rate_limited or
-- cost_limited + retry_after (seconds) | not_found.
create function public.retry_plan_job(
  p_job_id uuid, p_user_id uuid, p_provider_key text default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_type public.plan_job_types;
  v_job public.plan_generation_jobs;
  v_retried public.plan_generation_jobs;
  v_active public.plan_generation_jobs;
  v_allowed_at timestamptz;
  v_renews_at timestamptz;
  v_is_limited boolean;
  v_is_held boolean;
begin
  -- The locks of the user and of the rate limit come before that of the job: see lock_users.
  perform supajobs.lock_users(array[p_user_id::text]);
  select type.* into v_type
  from public.plan_generation_jobs as job
  inner join public.plan_job_types as type on job.job_type = type.job_type
  where job.id = p_job_id and job.user_id is not distinct from p_user_id;
  if v_type.max_enqueues is not null then
    perform supajobs.lock_rate_limit(p_user_id::text, v_type.job_type);
    v_allowed_at := supajobs.allowed_at(p_user_id, v_type);
  end if;
  if v_type.max_cost_per_user_month is not null and p_provider_key is null then
    v_renews_at := supajobs.budget_renews_at(p_user_id, v_type);
  end if;

  -- It may wait for a request whose job is to belong to the user, and who deletes the user for both.
  perform supajobs.lock_user_of(p_job_id);
  if exists (
    select from public.plan_generation_jobs
    where id = p_job_id and user_id is not distinct from p_user_id and has_ties
  ) then
    perform supajobs.lock_news();
  end if;
  select * into v_job from public.plan_generation_jobs
  where id = p_job_id and user_id is not distinct from p_user_id
  for no key update;
  if not found then
    return '{"outcome": "not_found"}';
  end if;
  if v_job.status not in ('failed', 'cancelled') then
    return json_build_object('outcome', 'not_finished', 'job', supajobs.describe_job(v_job));
  end if;
  if v_job.has_provider_key and p_provider_key is null then
    return json_build_object(
      'outcome', 'provider_key_required', 'job', supajobs.describe_job(v_job)
    );
  end if;
  if p_provider_key is not null and v_type.allows_provider_key is not true then
    perform supajobs.refuse_provider_key(v_job.job_type);
  end if;

  v_is_limited := coalesce(v_type.max_running_per_user, v_type.max_running_per_project) is not null;
  -- Of a parent that has ended, the news may not have been read yet.
  v_is_held := v_is_limited or exists (
    select from supajobs.edges as edge
    inner join public.plan_generation_jobs as parent on edge.parent_id = parent.id
    where edge.job_id = p_job_id and edge.outcome is null and parent.completed_at is null
  );
  begin
    update public.plan_generation_jobs
    set
      status = 'pending',
      run_at = v_now,
      turn = case when not v_is_held then supajobs.next_turn(user_id, job_type, priority) end,
      is_held = v_is_held,
      has_ties = has_ties or v_is_limited,
      retry_count = 0,
      crash_count = 0,
      error = null,
      cancel_requested_at = null,
      completed_at = null,
      expires_at = null,
      has_provider_key = p_provider_key is not null,
      dedupe_key = supajobs.dedupe_key_of(v_job),
      updated_at = v_now
    where id = p_job_id and v_allowed_at is null and v_renews_at is null
    returning * into v_retried;
  exception when unique_violation then
    null;
  end;
  if v_retried.id is null then
    select * into v_active from public.plan_generation_jobs
    where dedupe_key = supajobs.dedupe_key_of(v_job) and status in ('pending', 'processing');
    if found then
      return json_build_object('outcome', 'existing', 'job', supajobs.describe_job(v_active));
    end if;
    if v_allowed_at is not null or v_renews_at is not null then
      return supajobs.describe_limit(v_allowed_at, v_renews_at);
    end if;
    raise sqlstate 'PT503' using
      message = 'The job in the way ended at the same moment.',
      detail = 'busy',
      hint = 'Send it again.';
  end if;

  if v_type.max_enqueues is not null then
    delete from supajobs.retries
    where
      user_id = coalesce(p_user_id, supajobs.nobody())
      and job_type = v_job.job_type
      and retried_at < v_now - interval '1 hour';
    insert into supajobs.retries (user_id, job_type, retried_at)
    values (coalesce(p_user_id, supajobs.nobody()), v_job.job_type, v_now);
  end if;
  if v_job.error ->> 'code' = 'wait_timed_out' then
    -- It failed for nobody had answered in time: it waits anew, or it would fail at once.
    delete from supajobs.waits
    where job_id = p_job_id and name = v_job.error #>> '{detail, name}';
  end if;
  if v_is_limited then
    perform supajobs.limit_by_key(v_retried);
  end if;
  if v_job.has_ties then
    -- It runs without those of its parents that have ended, whoever is still to tell of it.
    update supajobs.edges as edge
    set outcome = ended.outcome, on_parent_failure = 'run'
    from (
      select lost.parent_id, coalesce(parent.status, 'deleted') as outcome
      from supajobs.edges as lost
      left join public.plan_generation_jobs as parent on lost.parent_id = parent.id
      where
        lost.job_id = p_job_id
        and lost.outcome is distinct from 'completed'
        and (parent.id is null or parent.status in ('failed', 'cancelled'))
    ) as ended
    where edge.job_id = p_job_id and edge.parent_id = ended.parent_id;
    perform supajobs.revive_descendants(p_job_id);
  end if;
  if p_provider_key is not null then
    insert into supajobs.provider_keys (job_id, ciphertext) values (p_job_id, p_provider_key);
  end if;
  return json_build_object('outcome', 'retried', 'job', supajobs.describe_job(v_retried));
end
$$;

-- A user's job and, while it is pending, where it stands, in one call: {job, position}, as
-- supajobs.describe_job and plan_job_position have them. {job: null}: the user has no such job.

create function public.get_plan_job(p_job_id uuid, p_user_id uuid) returns json
language plpgsql
stable
set search_path = ''
as $$
declare
  v_job public.plan_generation_jobs;
begin
  select * into v_job
  from public.plan_generation_jobs
  where id = p_job_id and user_id is not distinct from p_user_id;
  if not found then
    return '{"job": null, "position": null}';
  end if;
  return json_build_object(
    'job', supajobs.describe_job(v_job),
    'position', case when v_job.status = 'pending' then public.plan_job_position(p_job_id) end
  );
end
$$;

create function public.get_active_plan_job(p_user_id uuid, p_job_type text) returns json
language sql
stable
set search_path = ''
as $$
  select supajobs.describe_job(job)
  from public.plan_generation_jobs as job
  where job.id = coalesce(
    (
      select mine.id from public.plan_generation_jobs as mine
      where
        mine.user_id = p_user_id
        and mine.job_type = p_job_type
        and mine.status in ('pending', 'processing')
      order by mine.id desc
      limit 1
    ),
    (
      select nobodys.id from public.plan_generation_jobs as nobodys
      where
        p_user_id is null
        and nobodys.user_id is null
        and nobodys.job_type = p_job_type
        and nobodys.status in ('pending', 'processing')
      order by nobodys.id desc
      limit 1
    )
  )
$$;

-- What a user has on its way, and where that user has to wait before asking for more: of the types
-- that are named, those that are open_to_users, and those that the jobs are of, by name:
-- [{job_type, pending, processing, retry_after}], retry_after as describe_limit has it; null: now.
create function public.describe_plan_user_queue(
  p_user_id uuid, p_job_types text[]
) returns json
language sql
stable
set search_path = ''
as $$
  with mine as (
    select
      job.job_type,
      count(*) filter (where job.status = 'pending') as pending,
      count(*) filter (where job.status = 'processing') as processing
    from public.plan_generation_jobs as job
    where job.user_id = p_user_id and job.status in ('pending', 'processing')
    group by job.job_type
  ),

  limited as (
    select
      type.job_type,
      coalesce(mine.pending, 0) as pending,
      coalesce(mine.processing, 0) as processing,
      case
        when type.max_enqueues is not null then supajobs.allowed_at(p_user_id, type)
      end as allowed_at,
      case
        when type.max_cost_per_user_month is not null
          then supajobs.budget_renews_at(p_user_id, type)
      end as renews_at
    from public.plan_job_types as type
    left join mine on type.job_type = mine.job_type
    where
      type.job_type = any(p_job_types) or type.open_to_users or mine.job_type is not null
  )

  select
    coalesce(
      json_agg(
        json_build_object(
          'job_type', limited.job_type,
          'pending', limited.pending,
          'processing', limited.processing,
          'retry_after', case
            when num_nonnulls(limited.allowed_at, limited.renews_at) > 0
              then supajobs.describe_limit(limited.allowed_at, limited.renews_at) -> 'retry_after'
          end
        )
        order by limited.job_type
      ),
      '[]'
    )
  from limited
$$;

-- What became of jobs since somebody looked. p_seen is {job id: updated_at as it was answered}, or
-- null for a job never seen. {jobs, gone}: the jobs whose updated_at is another one now, as their
-- owner sees them, and the ids of those that are no longer there.
--
-- Another, not a later one: who waits for the lock of a row writes the time from before the wait.

create function public.get_changed_plan_jobs(p_seen jsonb) returns json
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off -- else the whole table, if its statistics are of when it was empty
as $$
declare
  v_changes json;
begin
  select
    json_build_object(
      'jobs', coalesce(
        json_agg(supajobs.describe_job(job)) filter (
          where job.updated_at is distinct from seen.updated_at::timestamptz and job.id is not null
        ),
        '[]'
      ),
      'gone', coalesce(json_agg(seen.job_id) filter (where job.id is null), '[]')
    ) into v_changes
  from jsonb_each_text(p_seen) as seen (job_id, updated_at)
  left join public.plan_generation_jobs as job on seen.job_id::uuid = job.id;
  return v_changes;
end
$$;

create function public.plan_job_position(p_job_id uuid) returns json
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_job public.plan_generation_jobs;
  v_before double precision;
  v_counted integer;
  v_first_turn bigint;
  v_last_turn bigint;
  v_median double precision;
  v_p90 double precision;
  v_running integer;
  v_type public.plan_job_types;
  v_starts_in double precision;
begin
  select * into v_job from public.plan_generation_jobs where id = p_job_id;
  if not found then
    return null;
  end if;

  select percentiles[1], percentiles[2] into v_median, v_p90
  from (
    select
      percentile_cont(array[0.5, 0.9]) within group (
        order by extract(epoch from latest.completed_at - latest.started_at)
      ) as percentiles
    from (
      select job.job_type, job.started_at, job.completed_at
      from public.plan_generation_jobs as job
      where job.status = 'completed'
      order by job.completed_at desc
      limit 1000
    ) as latest
    where latest.job_type = v_job.job_type
  ) as measured;

  if v_job.status = 'pending' and v_job.turn is not null then
    -- Those of earlier turns, then those of its own: one comparison of rows would read on to the end
    -- of the turn.
    select count(*), min(earlier.turn), max(earlier.turn)
    into v_counted, v_first_turn, v_last_turn
    from (
      select job.turn
      from public.plan_generation_jobs as job
      where
        job.status = 'pending'
        and job.job_type = v_job.job_type
        and job.priority = v_job.priority
        and job.turn < v_job.turn
      order by job.turn, job.id
      limit 10000
    ) as earlier;
    v_before := case
      when v_counted < 10000 then v_counted + (
        select count(*)
        from (
          select from public.plan_generation_jobs as job
          where
            job.status = 'pending'
            and job.job_type = v_job.job_type
            and job.priority = v_job.priority
            and job.turn = v_job.turn
            and job.id < v_job.id
          limit 10000
        ) as of_its_turn
      )
      else v_counted * (v_job.turn - v_first_turn) / greatest(1, v_last_turn - v_first_turn)
    end + (
      select count(*)
      from (
        select from public.plan_generation_jobs as job
        where
          job.status = 'pending'
          and job.job_type = v_job.job_type
          and job.priority > v_job.priority
          and job.turn is not null
        limit 10000
      ) as more_urgent
    );
  end if;

  select count(*) into v_running
  from public.plan_generation_jobs
  where status = 'processing' and job_type = v_job.job_type;
  select * into v_type from public.plan_job_types where job_type = v_job.job_type;
  v_starts_in := case
    when v_job.status = 'processing' then extract(epoch from v_job.started_at - v_now)
    when 0 in (v_type.max_running, v_type.starts_per_minute) then null
    when v_job.is_held then null -- when those end that it waits for, nobody knows
    when v_job.status = 'pending' then greatest(
      extract(epoch from v_job.run_at - v_now),
      v_before * v_median / greatest(1, v_running),
      v_before * 60 / v_type.starts_per_minute,
      0
    )
  end;

  return json_build_object(
    'status', v_job.status,
    'position_in_queue', round(v_before)::bigint + 1,
    'estimated_duration', v_median,
    'estimated_duration_p90', v_p90,
    'estimated_completion_at', case
      when v_starts_in + v_median < 0 then v_now
      else v_now + make_interval(secs => v_starts_in + v_median)
    end
  );
end
$$;

revoke all on function
public.cancel_plan_job,
public.retry_plan_job,
public.get_plan_job,
public.get_active_plan_job,
public.describe_plan_user_queue,
public.get_changed_plan_jobs,
public.plan_job_position
from public, anon, authenticated;
grant execute on function
public.cancel_plan_job,
public.retry_plan_job,
public.get_plan_job,
public.get_active_plan_job,
public.describe_plan_user_queue,
public.get_changed_plan_jobs,
public.plan_job_position
to service_role;
