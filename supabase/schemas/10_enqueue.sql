-- Requests a job. The rate limit, the idempotency key, the dedupe key and the insert are decided in
-- one transaction; two requests that race end as one job.
--
-- Without a user (p_user_id null) it is a job of the system. All of these together are held to what
-- one user is held to; nobody is notified of them.
--
-- With p_debounce_seconds the newest request wins, see 27_newest.sql.
--
-- Outcomes: created | existing (same key and request, or an active job holds the dedupe key; with
-- replaced, where that has not started and took this request)
-- | conflict (same idempotency key, another request) | rate_limited or cost_limited + retry_after
-- (seconds).

-- Keys that were answered with a job that another request had brought: such a key, too, gets the
-- same answer for as long as that job is there.
create table supajobs.answered_keys (
  user_id uuid not null,
  idempotency_key text not null,
  job_id uuid not null references public.plan_generation_jobs (id) on delete cascade,
  request_hash text not null,

  primary key (user_id, idempotency_key)
);
comment on table supajobs.answered_keys is
'Idempotency keys that were answered with the active job in the way of theirs.';
comment on column supajobs.answered_keys.user_id is
'supajobs.nobody() for jobs without a user.';
comment on column supajobs.answered_keys.request_hash is
'Of what was asked for, to tell a repeated request from another one.';
create index answered_keys_by_job on supajobs.answered_keys (job_id);

-- Manual retries of limited types, which count as requests: one row each, for an hour, the longest
-- window there is. Without a foreign key: a retry holds its job's lock, and the deletion of a user
-- takes the user's before those of the jobs.
create table supajobs.retries (
  id bigint generated always as identity primary key,
  user_id uuid not null,
  job_type text not null,
  retried_at timestamptz not null
);
comment on table supajobs.retries is
'The manual retries of the last hour, of the job types that have a rate limit.';
comment on column supajobs.retries.user_id is
'supajobs.nobody() for jobs without a user.';
create index retries_by_user on supajobs.retries (user_id, job_type, retried_at);

-- The locks of those who ask for jobs, retry or cancel them, in the one order in which all take
-- them, so that no two wait for each other:
--   1. lock_users: who takes keys or jobs in an order of its own is alone with those of the user,
--      or of nobody: many in one call (enqueue_plan_jobs), a job and its parents (after), a job and
--      its descendants (retry, cancel);
--   2. lock_rate_limit, by user (nobody first) and type: enqueue_plan_jobs takes all of its at
--      once, and run_plan_job_schedules goes in that order;
--   3. the user's row, by the insert's foreign key or by lock_user_of: so does a deletion;
--   4. lock_news;
--   5. idempotency and dedupe keys, by the insert;
--   6. jobs.
-- Settles and claims wait for none of these for more than a tenth of a second.

-- A bulk call may have a thousand users, and the table of locks has room for some thousands: they
-- share 256 locks.
create function supajobs.lock_users(p_user_ids text[]) returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_lock integer;
begin
  for v_lock in
    select distinct hashtext(coalesce(lower(asking.id), supajobs.nobody()::text)) & 255 as lock
    from unnest(p_user_ids) as asking (id)
    order by lock
  loop
    perform pg_advisory_xact_lock(2, v_lock);
  end loop;
end
$$;

-- Counting and inserting are one step for each user and type: requests that race take turns.
create function supajobs.lock_rate_limit(p_user_id text, p_job_type text) returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(
    hashtextextended(coalesce(p_user_id, supajobs.nobody()::text) || ':' || p_job_type, 0)
  );
end
$$;

-- When a user who asks for one more job of a limited type, or retries one, may have it; null: now.
-- Who goes on to take it has called lock_rate_limit in a statement before: this one sees what
-- others have taken until then.
create function supajobs.allowed_at(
  p_user_id uuid, p_type public.plan_job_types
) returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
declare
  v_window interval := make_interval(secs => p_type.enqueue_window_seconds);
  v_since timestamptz := now() - v_window;
begin
  return (
    select asked.at + v_window
    from (
      -- Ids begin with their time: the bound on them spares the read of the user's older jobs.
      select job.created_at as at
      from public.plan_generation_jobs as job
      where
        job.user_id = p_user_id
        and job.id >= public.plan_job_id_at(v_since)
        and job.job_type = p_type.job_type
        and job.created_at > v_since
      union all
      select job.created_at
      from public.plan_generation_jobs as job
      where
        p_user_id is null
        and job.user_id is null
        and job.id >= public.plan_job_id_at(v_since)
        and job.job_type = p_type.job_type
        and job.created_at > v_since
      union all
      select retry.retried_at
      from supajobs.retries as retry
      where
        retry.user_id = coalesce(p_user_id, supajobs.nobody())
        and retry.job_type = p_type.job_type
        and retry.retried_at > v_since
    ) as asked
    order by asked.at desc
    offset p_type.max_enqueues - 1
    limit 1
  );
end
$$;

-- When a user whose budget for a limited type is spent may have one more job; null: now.
create function supajobs.budget_renews_at(
  p_user_id uuid, p_type public.plan_job_types
) returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
declare
  v_month timestamp := date_trunc('month', now() at time zone 'utc');
begin
  if p_type.max_cost_per_user_month <= coalesce(
    (
      select sum(cost.cost_usd)
      from public.plan_job_costs as cost
      where
        cost.user_id = p_user_id
        and cost.month = v_month::date
        and cost.job_type = p_type.job_type
    ),
    (
      select sum(cost.cost_usd)
      from public.plan_job_costs as cost
      where
        p_user_id is null
        and cost.user_id is null
        and cost.month = v_month::date
        and cost.job_type = p_type.job_type
    ),
    0
  ) then
    return (v_month + interval '1 month') at time zone 'utc';
  end if;
  return null;
end
$$;

create function supajobs.hash_request(
  p_job_type text, p_params jsonb, p_project_id uuid
) returns text
language sql
immutable
set search_path = ''
as $$
  select md5(jsonb_build_array(p_job_type, p_params, p_project_id)::text)
$$;

-- What a user is told who may have no more for now; times as the two functions above tell them.
create function supajobs.describe_limit(
  p_allowed_at timestamptz, p_renews_at timestamptz
) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  return json_build_object(
    'outcome', case when p_renews_at is null then 'rate_limited' else 'cost_limited' end,
    'retry_after',
    greatest(
      1, ceil(extract(epoch from coalesce(p_renews_at, p_allowed_at) - clock_timestamp()))
    )::integer
  );
end
$$;

-- Says what is wrong with a request.
create function supajobs.check_request(
  p_job_type text,
  p_params jsonb,
  p_priority integer,
  p_run_at timestamptz,
  p_idempotency_key text,
  p_project_id uuid,
  p_ttl_hours integer
) returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if p_project_id is null and 'project' = (
    select type.dedupe_by from public.plan_job_types as type where type.job_type = p_job_type
  ) then
    raise sqlstate 'PT422' using
      message = format('Jobs of type "%s" belong to a project.', p_job_type),
      detail = 'project_required',
      hint = 'Send project_id.';
  end if;
  if p_run_at not between '2000-01-01Z' and '2200-01-01Z' then
    raise sqlstate 'PT422' using
      message = 'The run_at of a job lies between the years 2000 and 2200.',
      detail = 'run_at_out_of_range',
      hint = 'Leave it out for a job that is due at once.';
  end if;
  if length(p_idempotency_key) > 255 then
    raise sqlstate 'PT422' using
      message = 'An idempotency key has at most 255 characters.',
      detail = 'idempotency_key_too_long',
      hint = 'Send a UUID.';
  end if;
  if jsonb_typeof(p_params) <> 'object' then
    raise sqlstate 'PT422' using
      message = 'The params of a job are a JSON object.',
      detail = 'params_not_an_object',
      hint = 'Send {} for none.';
  end if;
  if p_priority not between 0 and 10 or p_ttl_hours not between 1 and 168 then
    raise sqlstate 'PT422' using
      message = 'The priority lies between 0 and 10, the time to live between 1 and 168 hours.',
      detail = 'out_of_range',
      hint = 'Leave them out for the defaults of the job type.';
  end if;
end
$$;

create function supajobs.refuse_provider_key(p_job_type text) returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  raise sqlstate 'PT422' using
    message = format('Jobs of type "%s" take no key of your own.', p_job_type),
    detail = 'provider_key_not_allowed',
    hint = 'Send the request without it.';
end
$$;

create function public.enqueue_plan_job(
  p_user_id uuid,
  p_job_type text,
  p_params jsonb,
  p_priority integer default 5,
  p_run_at timestamptz default null,
  p_idempotency_key text default null,
  p_project_id uuid default null,
  p_ttl_hours integer default null,
  p_trace_id text default null,
  p_provider_key text default null,
  p_after jsonb default null,
  p_on_parent_failure text default 'cancel',
  p_debounce_seconds double precision default null,
  p_debounce_max_seconds double precision default null
) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_owner uuid := coalesce(p_user_id, supajobs.nobody());
  v_type public.plan_job_types;
  v_job public.plan_generation_jobs;
  v_known supajobs.answered_keys;
  v_dedupe_key text;
  v_allowed_at timestamptz;
  v_renews_at timestamptz;
  v_is_limited boolean;
  v_is_held boolean := false;
  v_has_ties boolean := false;
begin
  select * into v_type from public.plan_job_types where job_type = p_job_type;
  if not found then
    raise sqlstate 'PT422' using
      message = format('There is no job type "%s".', p_job_type),
      detail = 'unknown_job_type',
      hint = 'Add a row for it to plan_job_types.';
  end if;
  v_dedupe_key := case v_type.dedupe_by
    when 'user' then p_job_type || coalesce(':user:' || p_user_id, ':system')
    -- With the user in it, so that nobody is answered with a job of somebody else.
    when 'project'
      then p_job_type || coalesce(':user:' || p_user_id, ':system') || ':project:' || p_project_id
  end;
  -- One question for all of it: each costs PL/pgSQL a two-hundredth of the call.
  if
    p_priority not between 0 and 10
    or p_ttl_hours not between 1 and 168
    or p_run_at not between '2000-01-01Z' and '2200-01-01Z' -- nor infinite
    or length(p_idempotency_key) > 255
    or jsonb_typeof(p_params) <> 'object'
    or (v_type.dedupe_by = 'project' and p_project_id is null)
    or p_after is not null
    or p_debounce_seconds is not null
    or p_debounce_max_seconds is not null
    or v_type.max_running_per_user is not null
    or v_type.max_running_per_project is not null
  then
    perform supajobs.check_request(
      p_job_type, p_params, p_priority, p_run_at, p_idempotency_key, p_project_id, p_ttl_hours
    );
    if p_after in ('[]', '{}') and p_on_parent_failure in ('cancel', 'run') then
      p_after := null; -- it gathers what there was nothing of, and waits for nobody
    end if;
    if num_nonnulls(p_debounce_seconds, p_debounce_max_seconds) > 0 then
      return supajobs.enqueue_newest(
        v_type, v_dedupe_key, p_user_id, p_params, p_priority, p_run_at, p_idempotency_key,
        p_project_id, p_ttl_hours, p_trace_id, p_provider_key, p_after, p_debounce_seconds,
        p_debounce_max_seconds
      );
    end if;
    v_is_limited := num_nonnulls(v_type.max_running_per_user, v_type.max_running_per_project) > 0;
    v_is_held := p_after is not null or (v_is_limited and coalesce(p_run_at <= now(), true));
    v_has_ties := p_after is not null or v_is_limited;
    if p_after is not null then
      perform supajobs.lock_users(array[p_user_id::text]);
    end if;
  end if;

  -- A job that stands in the way of the insert can end before it is read: then try again.
  for v_try in 1 .. 5 loop
    if p_idempotency_key is not null then
      select * into v_job from public.plan_generation_jobs
      where user_id = p_user_id and idempotency_key = p_idempotency_key;
      if p_user_id is null then
        select * into v_job from public.plan_generation_jobs
        where user_id is null and idempotency_key = p_idempotency_key;
      end if;
      if found then
        return json_build_object(
          'outcome', case
            when
              v_job.job_type = p_job_type
              and v_job.params = p_params
              and v_job.project_id is not distinct from p_project_id
              then 'existing'
            else 'conflict'
          end,
          'job', supajobs.describe_job(v_job)
        );
      end if;
      select * into v_known from supajobs.answered_keys
      where user_id = v_owner and idempotency_key = p_idempotency_key;
      if found then
        select * into v_job from public.plan_generation_jobs where id = v_known.job_id;
        return json_build_object(
          'outcome', case v_known.request_hash
            when supajobs.hash_request(p_job_type, p_params, p_project_id) then 'existing'
            else 'conflict'
          end,
          'job', supajobs.describe_job(v_job)
        );
      end if;
    end if;

    if
      v_type.max_enqueues is not null
      or v_type.max_cost_per_user_month is not null
      or p_provider_key is not null
    then
      if p_provider_key is not null and not v_type.allows_provider_key then
        perform supajobs.refuse_provider_key(p_job_type);
      end if;
      if v_type.max_cost_per_user_month is not null and p_provider_key is null then
        v_renews_at := supajobs.budget_renews_at(p_user_id, v_type);
      end if;
      if v_type.max_enqueues is not null then
        perform supajobs.lock_rate_limit(p_user_id::text, p_job_type);
        v_allowed_at := supajobs.allowed_at(p_user_id, v_type);
      end if;
    end if;
    insert into public.plan_generation_jobs (
      user_id, job_type, params, priority, run_at, turn, idempotency_key, dedupe_key, project_id,
      trace_id, max_retries, max_crashes, backoff_base_seconds, backoff_cap_seconds,
      lease_seconds, max_runtime_seconds, ttl_hours, has_provider_key, notifies, is_held, has_ties
    )
    select
      p_user_id, p_job_type, p_params, p_priority, coalesce(p_run_at, now()),
      case
        when not v_is_held and (p_run_at is null or p_run_at <= now())
          then supajobs.next_turn(p_user_id, p_job_type, p_priority)
      end,
      p_idempotency_key, v_dedupe_key, p_project_id, p_trace_id, v_type.max_retries,
      v_type.max_crashes, v_type.backoff_base_seconds, v_type.backoff_cap_seconds,
      v_type.lease_seconds, v_type.max_runtime_seconds, coalesce(p_ttl_hours, v_type.ttl_hours),
      p_provider_key is not null, v_type.notifies and p_user_id is not null,
      v_is_held, v_has_ties
    where v_allowed_at is null and v_renews_at is null
    on conflict do nothing
    returning * into v_job;
    if found and p_provider_key is null and not v_has_ties then
      return json_build_object('outcome', 'created', 'job', supajobs.describe_job(v_job));
    elsif found then
      if p_provider_key is not null then
        insert into supajobs.provider_keys (job_id, ciphertext) values (v_job.id, p_provider_key);
      end if;
      if v_is_limited then
        perform supajobs.limit_by_key(v_job);
      end if;
      if p_after is not null then
        v_job := supajobs.follow(v_job, p_after, p_on_parent_failure);
      end if;
      return json_build_object('outcome', 'created', 'job', supajobs.describe_job(v_job));
    end if;

    select * into v_job from public.plan_generation_jobs
    where dedupe_key = v_dedupe_key and status in ('pending', 'processing');
    if found then
      if p_idempotency_key is not null then
        insert into supajobs.answered_keys (user_id, idempotency_key, job_id, request_hash)
        values (
          v_owner, p_idempotency_key, v_job.id,
          supajobs.hash_request(p_job_type, p_params, p_project_id)
        )
        on conflict do nothing;
      end if;
      return json_build_object('outcome', 'existing', 'job', supajobs.describe_job(v_job));
    end if;
    if v_allowed_at is not null or v_renews_at is not null then
      return supajobs.describe_limit(v_allowed_at, v_renews_at);
    end if;
  end loop;

  raise sqlstate 'PT503' using
    message = 'The request kept meeting jobs that ended at the same moment.',
    detail = 'busy',
    hint = 'Send it again.';
end
$$;

revoke all on function public.enqueue_plan_job from public, anon, authenticated;
grant execute on function public.enqueue_plan_job to service_role;
