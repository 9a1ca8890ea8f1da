-- Written by scripts/write_migration from supabase/schemas: edit it there.

-- 00_schema.sql

-- What all the other files stand on: the schema of what is internal, the extensions that the queue
-- uses where they are, and the ids of its rows.
--
-- The files are applied in the order of their numbers. To know the queue, read 10 to 14: how a job
-- comes in, is claimed, is kept by heartbeats, ends, and is taken back from a worker that went
-- silent. From 50 on they are families: what brings job types and tables of its own.

-- public holds what people and clients use: jobs and their types, views, and the functions that are
-- called from outside. All else is in a schema of its own, which PostgREST does not serve and only
-- the service may use: there a table needs no policy, and a function nobody's permission. So this
-- default concerns nothing but what is made in it. See docs/decisions/0001.
create schema supajobs;
comment on schema supajobs is
'What the queue keeps for itself. Its functions and tables change without notice.';
grant usage on schema supajobs to service_role;
alter default privileges in schema supajobs
grant select, insert, update, delete on tables to service_role;
alter default privileges in schema supajobs
grant execute on functions to service_role;

-- The clock of the queue (30): pg_cron asks pg_net to call the processor's endpoint, whose address
-- and secret lie in Vault. Each of the three is used where the project has it.

do $$
declare
  v_extension record;
begin
  for v_extension in
    select wanted.name, wanted.place, available.name is not null as is_available
    from (
      values ('pg_cron', ''), ('pg_net', ' schema extensions'), ('supabase_vault', '')
    ) as wanted (name, place)
    left join pg_available_extensions as available on wanted.name = available.name
  loop
    if v_extension.is_available then
      execute format('create extension if not exists %I', v_extension.name) || v_extension.place;
    else
      raise notice 'supajobs: % is not available here; schedules need it', v_extension.name;
    end if;
  end loop;
end
$$;

-- UUIDv7 (RFC 9562): milliseconds, then the fraction of the millisecond in the 12 bits after the
-- version, then randomness. Ids in time order keep the primary key's inserts on its last page. Put
-- together from bytes, in a language whose plans are kept.
create function supajobs.new_id() returns uuid
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_micros bigint := extract(epoch from clock_timestamp()) * 1000000;
begin
  return encode(
    -- 48 bits of milliseconds; version 7 and 12 bits of the fraction; variant and randomness.
    substring(int8send(v_micros / 1000) from 3)
    || int2send((28672 + v_micros % 1000 * 4096 / 1000)::smallint)
    || substring(uuid_send(gen_random_uuid()) from 9),
    'hex'
  )::uuid;
end
$$;


-- 01_job_types.sql

-- What each type of job may do. One row per type: filled by migrations, editable in the dashboard.
-- A job takes a copy of its type's limits when it is requested; an edit here counts for new jobs.

create table public.plan_job_types (
  job_type text primary key,
  description text not null default '',
  max_retries smallint not null default 3,
  max_crashes smallint not null default 3,
  backoff_base_seconds smallint not null default 5,
  backoff_cap_seconds smallint not null default 900,
  lease_seconds smallint not null default 60,
  max_runtime_seconds integer not null default 900,
  ttl_hours smallint not null default 72,
  dedupe_by text,
  max_enqueues integer,
  enqueue_window_seconds integer,
  max_running integer,
  starts_per_minute integer,
  max_running_per_user integer,
  max_running_per_project integer,
  allows_provider_key boolean not null default false,
  max_cost_per_user_month numeric,
  notifies boolean not null default false,
  stored_by text,
  open_to_users boolean not null default false,
  paused_at timestamptz,
  paused_max_running integer,

  constraint plan_job_types_max_retries_in_range check (max_retries between 0 and 100),
  constraint plan_job_types_max_crashes_in_range check (max_crashes between 1 and 100),
  constraint plan_job_types_backoff_grows check (
    backoff_base_seconds between 0 and backoff_cap_seconds
  ),
  constraint plan_job_types_lease_in_range check (lease_seconds between 1 and 3600),
  constraint plan_job_types_max_runtime_in_range check (max_runtime_seconds between 1 and 86400),
  constraint plan_job_types_ttl_in_range check (ttl_hours between 1 and 168),
  constraint plan_job_types_dedupe_by_known check (dedupe_by in ('user', 'project')),
  constraint plan_job_types_enqueue_limit_whole check (
    (max_enqueues is null) = (enqueue_window_seconds is null)
  ),
  -- Finished jobs are kept for an hour at least, so all jobs of a window are there to be counted.
  constraint plan_job_types_enqueue_limit_in_range check (
    max_enqueues >= 1 and enqueue_window_seconds between 1 and 3600
  ),
  -- Limits that hold for the whole fleet, whatever the number of processors: how many jobs of a
  -- type run at the same time, and how many start in any minute (as a model's provider allows).
  constraint plan_job_types_max_running_not_negative check (max_running >= 0),
  constraint plan_job_types_starts_per_minute_not_negative check (starts_per_minute >= 0),
  constraint plan_job_types_max_running_per_key_in_range check (
    max_running_per_user >= 1 and max_running_per_project >= 1
  ),
  constraint plan_job_types_max_cost_not_negative check (max_cost_per_user_month >= 0)
);
comment on table public.plan_job_types is
'The limits of each job type. New jobs copy them; edit a row to change the next ones.';
comment on column public.plan_job_types.max_retries is
'How often a job runs again after an error.';
comment on column public.plan_job_types.max_crashes is
'A job whose lease was lost this often fails: it probably kills its workers.';
comment on column public.plan_job_types.backoff_base_seconds is
'A retry waits a random time between 0 and min(cap, base * 2^retries so far) seconds.';
comment on column public.plan_job_types.lease_seconds is
'A worker that is silent this long has lost its job. Heartbeats come three times as often.';
comment on column public.plan_job_types.max_runtime_seconds is
'One attempt may take this long.';
comment on column public.plan_job_types.ttl_hours is
'How long a finished job is kept.';
comment on column public.plan_job_types.dedupe_by is
'At most one pending or processing job per user or per project; null for no limit.';
comment on column public.plan_job_types.max_enqueues is
'A user gets at most this many new jobs in any enqueue_window_seconds; null for no limit.';
comment on column public.plan_job_types.max_running is
'At most this many jobs run at the same time; 0 holds the type back, null for no limit.';
comment on column public.plan_job_types.starts_per_minute is
'At most this many jobs start in any 60 seconds; null for no limit.';
comment on column public.plan_job_types.max_running_per_user is
'At most this many jobs of one user run at the same time; null for no limit. Its other jobs wait
without a turn. New jobs are held to it.';
comment on column public.plan_job_types.max_running_per_project is
'The same for the jobs of one project.';
comment on column public.plan_job_types.allows_provider_key is
'Whether a request may bring its own key for the provider of the model.';
comment on column public.plan_job_types.max_cost_per_user_month is
'A user who has cost this much (USD) in a calendar month (UTC) gets no new jobs before the next;
null for no limit. Jobs on their way then still end, and what they cost is known at their end.';
comment on column public.plan_job_types.notifies is
'Whether the user''s devices and the webhook are told of the end of new jobs: completed, or failed
for good. What devices show is in plan_job_messages.';
comment on column public.plan_job_types.stored_by is
'A function of yours, named with its schema, (p_job jsonb, p_store jsonb) returns jsonb: the
transaction that completes a job calls it with what the handler wants stored.';
comment on column public.plan_job_types.open_to_users is
'Whether users may ask the API for jobs of a type that its process does not know, such as one with a
handler in TypeScript. Those that it knows may be asked for in any case.';
comment on column public.plan_job_types.paused_at is
'Since when pause_plan_jobs has held the type back; null if it does not.';
comment on column public.plan_job_types.paused_max_running is
'The max_running that resume_plan_jobs restores.';
alter table public.plan_job_types enable row level security;
create policy plan_job_types_closed_to_clients on public.plan_job_types
for all to anon, authenticated using (false);
revoke all on table public.plan_job_types from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.plan_job_types to service_role;

-- A job that does nothing, with which `supajobs setup` tries the way from a request to its end.
insert into public.plan_job_types (
  job_type, description, max_retries, max_crashes, backoff_base_seconds, backoff_cap_seconds,
  lease_seconds, max_runtime_seconds, ttl_hours
)
values ('canary', 'Tries the queue: ends as soon as it starts', 2, 2, 1, 5, 30, 30, 1)
on conflict (job_type) do nothing;


-- 02_jobs.sql

-- The queue. One row is one job, from the request to the end of its time to live:
-- pending -> processing -> completed | failed | cancelled. Clients may read their own rows; every
-- change goes through the functions of the files that follow.
--
-- Postgres parses every check constraint of a table anew for each insert and update, some 3 µs
-- each. Those that are here tie the status to the lease and to the end. Input is checked, with an
-- answer for people, where it comes in. See docs/decisions/0005-few-check-constraints.md.

create table public.plan_generation_jobs (
  id uuid primary key default supajobs.new_id(),
  user_id uuid references auth.users (id) on delete cascade,
  job_type text not null,
  status text not null default 'pending',
  priority smallint not null default 5,
  params jsonb not null default '{}',
  progress jsonb,
  result jsonb,
  error jsonb,
  plan_id uuid,
  project_id uuid,
  idempotency_key text,
  dedupe_key text,
  trace_id text,
  run_at timestamptz not null default now(),
  retry_count smallint not null default 0,
  max_retries smallint not null,
  crash_count smallint not null default 0,
  max_crashes smallint not null,
  backoff_base_seconds smallint not null,
  backoff_cap_seconds smallint not null,
  lease_seconds smallint not null,
  max_runtime_seconds integer not null,
  ttl_hours smallint not null,
  claim_id uuid,
  worker_id text,
  lease_expires_at timestamptz,
  lease_lost_at timestamptz,
  cancel_requested_at timestamptz,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  completed_at timestamptz,
  expires_at timestamptz,
  updated_at timestamptz not null default now(),
  turn bigint,
  has_steps boolean not null default false,
  has_provider_key boolean not null default false,
  notifies boolean not null default false,
  is_held boolean not null default false,
  has_ties boolean not null default false,
  waiting_for text,
  usage jsonb,

  -- With all that the sweep needs to take it back.
  constraint plan_generation_jobs_leased_iff_processing check (
    (status = 'processing') = (lease_expires_at is not null)
    and (lease_expires_at is null or num_nulls(claim_id, worker_id, started_at) = 0)
  ),
  -- A status that is misspelt breaks it too.
  constraint plan_generation_jobs_completed_at_iff_terminal check (
    (status = 'pending' or status = 'processing') = (completed_at is null)
  )
)
-- Room on each page for the next version of a row, so that a heartbeat (no indexed column) is a
-- HOT update; and vacuum after thousands of dead rows, not after a fifth of a large table.
with (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_insert_scale_factor = 0.05,
  autovacuum_analyze_scale_factor = 0.02
);
comment on table public.plan_generation_jobs is
'The job queue. pending -> processing -> completed | failed | cancelled.';
comment on column public.plan_generation_jobs.user_id is
'Null for a job of the system, which the service alone sees. To all rules they have one owner.';
comment on column public.plan_generation_jobs.run_at is
'Not before this time. A job that waits for its retry is pending with a later run_at.';
comment on column public.plan_generation_jobs.retry_count is
'Runs granted after errors.';
comment on column public.plan_generation_jobs.crash_count is
'Leases lost: the worker died or went silent.';
comment on column public.plan_generation_jobs.claim_id is
'Made by the worker, the fencing token of each of its calls. Stays until the next claim.';
comment on column public.plan_generation_jobs.lease_lost_at is
'When the sweep took the job from its last claim. Until the next claim, that worker may still
hand in what it finished.';
comment on column public.plan_generation_jobs.expires_at is
'From then on cleanup may delete the job.';
comment on column public.plan_generation_jobs.turn is
'The place in its lane; null while it waits for its run_at.';
comment on column public.plan_generation_jobs.has_steps is
'Whether steps, waits or signals were stored: spares the end of the others the look.';
comment on column public.plan_generation_jobs.has_provider_key is
'Whether it brought a key of its own, which may be erased by now: it runs on no other.';
comment on column public.plan_generation_jobs.is_held is
'Whether it waits without a turn until others have ended: its parents, or those of its user or
project.';
comment on column public.plan_generation_jobs.has_ties is
'Whether it belongs to a flow or to a limit per user or project: others may wait for its end. Spares
the end of the others the look.';
comment on column public.plan_generation_jobs.waiting_for is
'The name of the sleep or the signal that a suspended job waits for, until run_at at the latest.';
comment on column public.plan_generation_jobs.usage is
'What the attempt that completed the job consumed: {model, input_tokens, output_tokens, cost_usd}.';

-- What can be claimed, lane by lane, in the order of claiming.
create index plan_generation_jobs_claimable
on public.plan_generation_jobs (job_type, priority, turn, id)
where status = 'pending' and turn is not null;
-- What waits for its time.
create index plan_generation_jobs_scheduled
on public.plan_generation_jobs (run_at)
where status = 'pending' and turn is null and not is_held;
create index plan_generation_jobs_held
on public.plan_generation_jobs (id)
where status = 'pending' and is_held;
-- The last turn of a user among the jobs that were put off or came again (next_turn). New jobs,
-- which are due as they are requested, are not in it. Those without a turn are: where all had one,
-- plan_generation_jobs_claimable would do for the question too, and a plan from when the queue was
-- empty would read the whole lane.
create index plan_generation_jobs_waiting_again
on public.plan_generation_jobs (user_id, job_type, priority, turn desc nulls last)
where status = 'pending' and run_at > created_at;
-- What runs. No index holds lease_expires_at: heartbeats write it.
create index plan_generation_jobs_running
on public.plan_generation_jobs (claim_id)
where status = 'processing';
create unique index plan_generation_jobs_one_active_per_dedupe_key
on public.plan_generation_jobs (dedupe_key)
where status in ('pending', 'processing') and dedupe_key is not null;
create unique index plan_generation_jobs_one_per_idempotency_key
on public.plan_generation_jobs (user_id, idempotency_key) nulls not distinct
where idempotency_key is not null;
create index plan_generation_jobs_by_user
on public.plan_generation_jobs (user_id, id);
create index plan_generation_jobs_completed
on public.plan_generation_jobs (completed_at)
where status = 'completed';
create index plan_generation_jobs_expiring
on public.plan_generation_jobs (expires_at)
where expires_at is not null;

alter table public.plan_generation_jobs enable row level security;
create policy plan_generation_jobs_read_by_owner
on public.plan_generation_jobs for select to authenticated
using ((select auth.uid()) = user_id);
revoke all on table public.plan_generation_jobs from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.plan_generation_jobs to service_role;
-- The claim, worker and lease columns stay inside.
grant select (
  id, user_id, job_type, status, priority, params, progress, result, error, plan_id, project_id,
  idempotency_key, trace_id, run_at, waiting_for, is_held, retry_count, max_retries,
  cancel_requested_at, created_at, started_at, completed_at, expires_at, updated_at
) on table public.plan_generation_jobs to authenticated;

-- The owner of what has no user, where a key or a comparison needs one: null is equal to nothing.
create function supajobs.nobody() returns uuid
language sql
immutable
set search_path = ''
as $$
  select '00000000-0000-0000-0000-000000000000'::uuid
$$;

-- A job as its owner sees it: the columns granted above.
create function supajobs.describe_job(p_job public.plan_generation_jobs) returns json
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select row_to_json(described)
    from (
      select
        p_job.id, p_job.user_id, p_job.job_type, p_job.status, p_job.priority, p_job.params,
        p_job.progress, p_job.result, p_job.error, p_job.plan_id, p_job.project_id,
        p_job.idempotency_key, p_job.trace_id, p_job.run_at, p_job.waiting_for, p_job.is_held,
        p_job.retry_count, p_job.max_retries, p_job.cancel_requested_at, p_job.created_at,
        p_job.started_at, p_job.completed_at, p_job.expires_at, p_job.updated_at
    ) as described
  );
end
$$;

-- Jobs by when they were requested, without an index on the time: their ids are in its order. The
-- least id that a job requested at this time could have:
--   where id >= public.plan_job_id_at(now() - interval '1 day')
create function public.plan_job_id_at(p_at timestamptz) returns uuid
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
declare
  v_micros bigint := extract(epoch from p_at) * 1000000;
begin
  return encode(
    -- As supajobs.new_id puts it together, with the least there is for the randomness.
    substring(int8send(v_micros / 1000) from 3)
    || int2send((28672 + v_micros % 1000 * 4096 / 1000)::smallint)
    || '\x8000000000000000',
    'hex'
  )::uuid;
end
$$;

revoke all on function public.plan_job_id_at from public, anon, authenticated;
grant execute on function public.plan_job_id_at to service_role;


-- 03_lanes.sql

-- Users take turns. A lane is the waiting jobs of one type and priority; a job's turn is its place
-- in its lane, fixed when it begins to wait: one after the user's last job in the lane, but not
-- before the head of the lane (start-time fair queueing). So a thousand jobs of one user hold the
-- turns 1 to 1000, and somebody else's single job comes in at the head.
--
-- Jobs without a user take turns as those of one more user.
--
-- Jobs that wait for their run_at have no turn and are in no lane; claims promote them when due.

-- Nothing keeps two requests from making one lane twice, as one would wait for the other to commit,
-- and two that make two lanes in another order for each other. Twins are one lane to all who look,
-- and the next sweep leaves one of them.
create table supajobs.lanes (
  id bigint generated always as identity primary key,
  job_type text not null,
  priority smallint not null,
  floor bigint not null default 0,
  entry bigint not null default 0
);
create index lanes_by_type on supajobs.lanes (job_type, priority);
comment on table supajobs.lanes is 'The lanes in which jobs have waited.';
comment on column supajobs.lanes.floor is
'Where claims begin to look. The sweep moves it to where the entry was.';
comment on column supajobs.lanes.entry is
'Where new jobs come in: none is given a turn below it. The sweep moves it up.';

-- The last turn of the jobs without a user in a lane, found as next_turn finds that of a user: in
-- other words, for an index finds nulls by "is null" alone.
create function supajobs.last_turn_of_nobody(
  p_job_type text, p_priority integer
) returns bigint
language plpgsql
stable
set search_path = ''
as $$
begin
  return greatest(
    (
      select latest.turn
      from (
        select job.turn, job.status, job.job_type, job.priority
        from public.plan_generation_jobs as job
        where job.user_id is null
        order by job.id desc
        limit 30
      ) as latest
      where
        latest.status = 'pending'
        and latest.job_type = p_job_type
        and latest.priority = p_priority
        and latest.turn is not null
      limit 1
    ),
    (
      select job.turn
      from public.plan_generation_jobs as job
      where
        job.status = 'pending'
        and job.run_at > job.created_at
        and job.user_id is null
        and job.job_type = p_job_type
        and job.priority = p_priority
      order by job.turn desc nulls last
      limit 1
    )
  );
end
$$;

-- The turn of a job that begins to wait now: after the user's last one in the lane, but not before
-- the first that waits from the entry on. A lane comes into being here, with its first job.
create function supajobs.next_turn(
  p_user_id uuid, p_job_type text, p_priority integer
) returns bigint
language plpgsql
volatile
set search_path = ''
-- By the ends of indexes alone, whoever calls first: its session keeps these plans, also from when
-- the queue was empty, when any plan will do.
set enable_seqscan = off
set enable_sort = off
as $$
declare
  v_entry bigint;
  v_last bigint;
begin
  select max(lane.entry) into v_entry from supajobs.lanes as lane
  where lane.job_type = p_job_type and lane.priority = p_priority;
  if v_entry is null then
    insert into supajobs.lanes (job_type, priority) values (p_job_type, p_priority);
    v_entry := 0;
  end if;
  if p_user_id is null then
    v_last := supajobs.last_turn_of_nobody(p_job_type, p_priority);
  end if;
  return greatest(
    v_entry,
    v_last + 1,
    (
      select job.turn from public.plan_generation_jobs as job
      where
        job.status = 'pending'
        and job.job_type = p_job_type
        and job.priority = p_priority
        and job.turn >= v_entry
      order by job.turn, job.id
      limit 1
    ),
    -- Of those that have waited since their request, the user's last one is looked for among the
    -- latest thirty: so it needs no index that each request would write.
    (
      select latest.turn + 1
      from (
        select job.turn, job.status, job.job_type, job.priority
        from public.plan_generation_jobs as job
        where job.user_id = p_user_id
        order by job.id desc
        limit 30
      ) as latest
      where
        latest.status = 'pending'
        and latest.job_type = p_job_type
        and latest.priority = p_priority
        and latest.turn is not null
      limit 1
    ),
    -- Those that were put off, or came again, may be of any age.
    (
      select job.turn + 1
      from public.plan_generation_jobs as job
      where
        job.status = 'pending'
        and job.run_at > job.created_at
        and job.user_id = p_user_id
        and job.job_type = p_job_type
        and job.priority = p_priority
      order by job.turn desc nulls last
      limit 1
    )
  );
end
$$;

-- Gives jobs whose run_at has come a turn, at most p_max_rows at a time: one after the other for
-- those of one user.
create function supajobs.promote_due_jobs(p_max_rows integer default 100) returns integer
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_promoted integer;
begin
  with due as (
    select
      job.id, job.user_id, job.job_type, job.priority, job.run_at,
      job.has_ties and supajobs.is_limited_by_key(job.id) as is_held
    from public.plan_generation_jobs as job
    where
      job.status = 'pending' and job.turn is null and not job.is_held and job.run_at <= v_now
    order by job.run_at
    limit p_max_rows
    for update skip locked
  ),

  users as materialized (
    select
      due.user_id, due.job_type, due.priority,
      supajobs.next_turn(due.user_id, due.job_type, due.priority) as turn,
      array_agg(due.id order by due.run_at, due.id) as job_ids
    from due
    where not due.is_held
    group by due.user_id, due.job_type, due.priority
  ),

  placed as (
    select
      waiting.id,
      users.turn - 1 + waiting.number as turn
    from users
    cross join lateral unnest(users.job_ids) with ordinality as waiting (id, number)
    union all
    select due.id, null from due
    where due.is_held
  ),

  arrived as (
    insert into supajobs.news (job_id)
    select due.id from due
    where due.is_held
  )

  update public.plan_generation_jobs as job
  set
    turn = placed.turn,
    is_held = placed.turn is null,
    waiting_for = null,
    updated_at = v_now
  from placed
  where job.id = placed.id;
  get diagnostics v_promoted = row_count;
  return v_promoted;
end
$$;

-- A job whose priority or type somebody changes leaves its lane. It is in none, and so is given a
-- turn in its new one by the next claim, as a job that has just come due. One that is held for its
-- key is from now on as urgent as it says.
create function supajobs.leave_lane() returns trigger
language plpgsql
volatile
set search_path = ''
as $$
begin
  update public.plan_generation_jobs
  set
    turn = null,
    run_at = case status when 'pending' then greatest(run_at, clock_timestamp()) else run_at end
  where id = new.id and turn is not null;
  if new.has_ties then
    update supajobs.keyed_jobs set job_type = new.job_type, priority = new.priority
    where job_id = new.id;
    insert into supajobs.news (job_id) select new.id where new.is_held;
    if new.job_type <> old.job_type then
      -- Who waits for the place that it leaves: one of its user's, and one of its project's.
      insert into supajobs.news (job_id)
      (
        select keyed.job_id from supajobs.keyed_jobs as keyed
        where
          keyed.is_waiting
          and keyed.job_type = old.job_type
          and keyed.user_id = coalesce(new.user_id, supajobs.nobody())
        limit 1
      )
      union all
      (
        select keyed.job_id from supajobs.keyed_jobs as keyed
        where
          keyed.is_waiting
          and keyed.job_type = old.job_type
          and keyed.project_id = new.project_id
        limit 1
      );
    end if;
  end if;
  return null;
end
$$;

-- After, not before: that would lock each row of every update once more.
create trigger plan_generation_jobs_leave_their_lane
after update of job_type, priority on public.plan_generation_jobs
for each row
when ((old.job_type, old.priority) is distinct from (new.job_type, new.priority))
execute function supajobs.leave_lane();


-- 04_attempts.sql

-- What becomes of each attempt at a job.
--
-- A job that has completed tells itself how: its row has the worker, the claim, the times and the
-- usage of the attempt (docs/decisions/0012-attempts-that-completed-a-job.md). All other attempts
-- are in a table, whose rows also make a settle repeatable: a worker that never heard the answer
-- asks again and is told how its claim ended.

-- Without a foreign key: its check at each insert cost more than the insert, and the settle
-- functions hold the job's lock as they write. One trigger per delete does what the key did, for
-- the cleanup as for the deletion of a user.
--
-- The key has started_at in it: a copy of a claim that arrives late may take a job again under the
-- same claim_id, and that is another attempt.
create table supajobs.unsuccessful_attempts (
  job_id uuid not null,
  claim_id uuid not null,
  job_type text not null,
  worker_id text not null,
  outcome text not null,
  error jsonb,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  retry_at timestamptz,
  usage jsonb,
  has_provider_key boolean not null default false,
  cause jsonb,

  primary key (job_id, claim_id, started_at),
  constraint unsuccessful_attempts_outcome_known check (
    outcome in ('retrying', 'failed', 'released', 'suspended', 'cancelled', 'crashed')
  ),
  constraint unsuccessful_attempts_retry_at_iff_put_off check (
    (outcome in ('retrying', 'suspended')) = (retry_at is not null)
  )
);
comment on table supajobs.unsuccessful_attempts is
'How each attempt ended that did not complete its job. plan_job_attempts shows all of them.';
comment on column supajobs.unsuccessful_attempts.outcome is
'crashed: the lease ran out and the sweep took the job away. released: given back unharmed.
suspended: it ended to wait, until retry_at or a signal.';
comment on column supajobs.unsuccessful_attempts.cause is
'What raised the error, for the people who run the queue: {exception, message, frames, cause}. Its
user reads the error, and not this.';

create function supajobs.delete_attempts() returns trigger
language plpgsql
volatile
security definer -- as a foreign key: whoever deletes a user has no rights on the queue
set search_path = ''
as $$
begin
  delete from supajobs.unsuccessful_attempts where job_id in (select id from deleted);
  delete from supajobs.edges where job_id in (select id from deleted where has_ties);
  insert into supajobs.news (job_id) select id from deleted where has_ties;
  delete from supajobs.waits where job_id in (select id from deleted);
  delete from supajobs.signals where job_id in (select id from deleted);
  return null;
end
$$;

create trigger plan_generation_jobs_take_attempts_along
after delete on public.plan_generation_jobs
referencing old table as deleted
for each statement execute function supajobs.delete_attempts();

create view public.plan_job_attempts with (security_invoker = true) as
select
  ended.job_id,
  ended.claim_id,
  ended.job_type,
  ended.worker_id,
  ended.outcome,
  ended.error,
  ended.started_at,
  ended.ended_at,
  ended.retry_at,
  ended.cause,
  ended.usage ->> 'model' as model,
  (ended.usage ->> 'input_tokens')::bigint as input_tokens,
  (ended.usage ->> 'output_tokens')::bigint as output_tokens,
  (ended.usage ->> 'cost_usd')::numeric as cost_usd
from (
  select
    attempt.job_id,
    attempt.claim_id,
    attempt.job_type,
    attempt.worker_id,
    attempt.outcome,
    attempt.error,
    attempt.started_at,
    attempt.ended_at,
    attempt.retry_at,
    attempt.cause,
    attempt.usage
  from supajobs.unsuccessful_attempts as attempt
  union all
  select
    job.id as job_id,
    job.claim_id,
    job.job_type,
    job.worker_id,
    'completed' as outcome,
    null::jsonb as error,
    job.started_at,
    job.completed_at as ended_at,
    null::timestamptz as retry_at,
    null::jsonb as cause,
    job.usage
  from public.plan_generation_jobs as job
  where job.status = 'completed'
) as ended;
comment on view public.plan_job_attempts is
'How each attempt at a job ended, who ran it, how long it took and what it cost. crashed: the lease
ran out and the sweep took the job away. released: given back unharmed. suspended: it ended to
wait, until retry_at or a signal. cause: what raised the error, {exception, message, frames, cause}.';
revoke all on table public.plan_job_attempts from public, anon, authenticated, service_role;
grant select on table public.plan_job_attempts to service_role;

-- An attempt that has just ended, whoever ended it: a settle or the sweep.
create type supajobs.ended_attempt as (
  job_id uuid,
  claim_id uuid,
  user_id uuid,
  job_type text,
  worker_id text,
  outcome text,
  error jsonb,
  started_at timestamptz,
  ended_at timestamptz,
  retry_at timestamptz,
  usage jsonb,
  has_provider_key boolean,
  cause jsonb
);

-- A cause of at most 16 kB: of a longer one, what it was called and the start of what it said.
create function supajobs.shorten_cause(p_cause jsonb) returns jsonb
language sql
immutable
strict
set search_path = ''
as $$
  select case
    when octet_length(p_cause::text) <= 16384 then p_cause
    else jsonb_build_object(
      'exception', left(p_cause ->> 'exception', 200), 'message', left(p_cause ->> 'message', 2000)
    )
  end
$$;

-- Writes down how attempts ended and what they cost. The steps, waits and signals of a job that has
-- completed have done their work. A late completion overwrites what the sweep had written of the
-- same attempt.
create function supajobs.record_attempts(p_ended supajobs.ended_attempt[]) returns void
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_completed uuid[] := array(
    select ended.job_id from unnest(p_ended) as ended where ended.outcome = 'completed'
  );
begin
  if v_completed <> '{}' then
    with waits as (
      delete from supajobs.waits where job_id = any(v_completed)
    ),

    signals as (
      delete from supajobs.signals where job_id = any(v_completed)
    )

    delete from supajobs.steps where job_id = any(v_completed);
    delete from supajobs.unsuccessful_attempts as attempt
    using unnest(p_ended) as ended
    where
      attempt.job_id = any(v_completed)
      and attempt.job_id = ended.job_id
      and attempt.claim_id = ended.claim_id
      and attempt.started_at = ended.started_at;
  end if;

  insert into supajobs.unsuccessful_attempts (
    job_id, claim_id, job_type, worker_id, outcome, error, started_at, ended_at, retry_at, usage,
    has_provider_key, cause
  )
  select
    ended.job_id, ended.claim_id, ended.job_type, ended.worker_id, ended.outcome, ended.error,
    ended.started_at, ended.ended_at, ended.retry_at, ended.usage, ended.has_provider_key,
    supajobs.shorten_cause(ended.cause)
  from unnest(p_ended) as ended
  where ended.outcome <> 'completed'
  on conflict (job_id, claim_id, started_at) do update
  set outcome = excluded.outcome, ended_at = excluded.ended_at, usage = excluded.usage;

  insert into supajobs.news (job_id)
  select job.id from public.plan_generation_jobs as job
  where job.id = any(array(select ended.job_id from unnest(p_ended) as ended)) and job.has_ties;

  if exists (select from unnest(p_ended) as ended where ended.usage is not null) then
    perform supajobs.record_costs(p_ended);
  end if;
end
$$;


-- 05_provider_keys.sql

-- Bring your own key: the client's key for the model's provider, encrypted before it comes here,
-- lies beside its job and not in it. It is erased when the job ends or goes; only the worker that
-- holds the job is given it.

-- Without a foreign key: its check at each update of a job, and its query at each deletion, would
-- be paid for by all jobs.
create table supajobs.provider_keys (
  job_id uuid primary key,
  ciphertext text not null
);
comment on table supajobs.provider_keys is
'Keys that users brought for jobs that have not ended. A Fernet token, whose key the servers have.';

create function supajobs.erase_provider_key() returns trigger
language plpgsql
volatile
security definer -- as a foreign key: whoever deletes a user has no rights on the queue
set search_path = ''
as $$
begin
  delete from supajobs.provider_keys
  where job_id = old.id and (tg_op = 'DELETE' or new.completed_at is not null);
  return null;
end
$$;

create trigger plan_generation_jobs_erase_key_at_the_end
after update of completed_at on public.plan_generation_jobs
for each row when (new.has_provider_key) -- short: all jobs pay for its parsing
execute function supajobs.erase_provider_key();

create trigger plan_generation_jobs_take_key_along
after delete on public.plan_generation_jobs
for each row when (old.has_provider_key)
execute function supajobs.erase_provider_key();

-- The key of a running job: {outcome, ciphertext?}. Outcomes: found | none (the job brought none)
-- | gone (it brought one that is no longer there) | stale.
create function public.get_plan_job_key(p_job_id uuid, p_claim_id uuid) returns json
language plpgsql
stable
set search_path = ''
as $$
begin
  return coalesce(
    (
      select
        json_strip_nulls(
          json_build_object(
            'outcome', case
              when key.ciphertext is not null then 'found'
              when job.has_provider_key then 'gone'
              else 'none'
            end,
            'ciphertext', key.ciphertext
          )
        )
      from public.plan_generation_jobs as job
      left join supajobs.provider_keys as key on job.id = key.job_id
      where job.id = p_job_id and job.claim_id = p_claim_id and job.status = 'processing'
    ),
    '{"outcome": "stale"}'
  );
end
$$;

revoke all on function public.get_plan_job_key from public, anon, authenticated;
grant execute on function public.get_plan_job_key to service_role;


-- 06_steps.sql

-- Checkpoints of a running job: a retry reuses the output of the steps that are already paid for.
-- They are also what a crashed attempt has to show for its money: with each goes what it consumed,
-- and the claim under which it was saved.
create table supajobs.steps (
  job_id uuid not null references public.plan_generation_jobs (id) on delete cascade,
  name text not null,
  output jsonb not null,
  saved_at timestamptz not null default now(),
  claim_id uuid,
  model text,
  input_tokens bigint,
  output_tokens bigint,
  cost_usd numeric,

  primary key (job_id, name),
  constraint steps_name_not_empty check (name <> ''),
  constraint steps_usage_bounded check (
    cost_usd >= 0 and cost_usd <= 1e9 and input_tokens >= 0 and output_tokens >= 0
  )
);
comment on table supajobs.steps is
'Outputs of finished steps, kept until their job ends well.';
comment on column supajobs.steps.claim_id is
'Who saved it; null for steps from before this was noted.';
comment on column supajobs.steps.cost_usd is
'Null where the price of the model is not known.';

-- Saves the output of a finished step of a running job, and what it consumed: {model,
-- input_tokens, output_tokens, cost_usd}. Outcomes: saved | stale.
create function public.save_plan_job_step(
  p_job_id uuid, p_claim_id uuid, p_name text, p_output jsonb, p_usage jsonb default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  if length(p_name) > 255 then
    raise sqlstate 'PT422' using
      message = 'The name of a step has at most 255 characters.',
      detail = 'step_name_too_long',
      hint = 'Give it a short name, and keep the rest in its output.';
  end if;
  -- The lock that this takes keeps the claim as it is until the step is in.
  update public.plan_generation_jobs
  set has_steps = true
  where id = p_job_id and claim_id = p_claim_id and status = 'processing';
  if not found then
    return '{"outcome": "stale"}';
  end if;

  insert into supajobs.steps (
    job_id, name, output, saved_at, claim_id, model, input_tokens, output_tokens, cost_usd
  )
  values (
    -- PostgREST hands a JSON null in as none at all, and that is an output, too.
    p_job_id, p_name, coalesce(p_output, 'null'), clock_timestamp(), p_claim_id,
    left(p_usage ->> 'model', 200), (p_usage ->> 'input_tokens')::bigint,
    (p_usage ->> 'output_tokens')::bigint, (p_usage ->> 'cost_usd')::numeric
  )
  on conflict (job_id, name) do update
  set
    output = excluded.output,
    saved_at = excluded.saved_at,
    claim_id = excluded.claim_id,
    model = excluded.model,
    input_tokens = excluded.input_tokens,
    output_tokens = excluded.output_tokens,
    cost_usd = excluded.cost_usd;
  return '{"outcome": "saved"}';
end
$$;

-- What earlier attempts, and this one, have saved, and what the job was told: {outcome, steps:
-- {name: output}, waits: {name: whether it was over as this attempt began}, signals: {name:
-- payload}}.
-- Outcomes: found | stale.
create function public.get_plan_job_steps(p_job_id uuid, p_claim_id uuid) returns json
language plpgsql
stable
set search_path = ''
as $$
declare
  v_started_at timestamptz;
begin
  select started_at into v_started_at from public.plan_generation_jobs
  where id = p_job_id and claim_id = p_claim_id and status = 'processing';
  if not found then
    return '{"outcome": "stale"}';
  end if;
  return json_build_object(
    'outcome', 'found',
    'steps', (
      select coalesce(json_object_agg(step.name, step.output), '{}')
      from supajobs.steps as step
      where step.job_id = p_job_id
    ),
    'waits', (
      select coalesce(json_object_agg(wait.name, wait.until <= v_started_at), '{}')
      from supajobs.waits as wait
      where wait.job_id = p_job_id
    ),
    'signals', (
      select coalesce(json_object_agg(signal.name, signal.payload), '{}')
      from supajobs.signals as signal
      where signal.job_id = p_job_id
    )
  );
end
$$;

-- What the steps of one attempt consumed: {model, input_tokens, output_tokens, cost_usd}; null if
-- none consumed anything. Models are in the order of their first use; the cost is null as soon as
-- that of one step is.
create function supajobs.sum_steps(
  p_job_id uuid, p_claim_id uuid, p_started_at timestamptz
) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    with spent as (
      select step.saved_at, step.model, step.input_tokens, step.output_tokens, step.cost_usd
      from supajobs.steps as step
      where
        step.job_id = p_job_id
        and step.claim_id = p_claim_id
        and step.saved_at >= p_started_at -- a claim that came again has taken the job twice
        and num_nonnulls(step.model, step.input_tokens, step.output_tokens, step.cost_usd) > 0
    )

    select
      jsonb_build_object(
        'model', (
          select string_agg(used.model, ', ' order by used.first_at)
          from (
            select each.model, min(spent.saved_at) as first_at
            from spent
            cross join lateral string_to_table(spent.model, ', ') as each (model)
            group by each.model
          ) as used
        ),
        'input_tokens', sum(spent.input_tokens),
        'output_tokens', sum(spent.output_tokens),
        'cost_usd', case when count(spent.cost_usd) = count(*) then sum(spent.cost_usd) end
      )
    from spent
    having count(*) > 0
  );
end
$$;

revoke all on function
public.save_plan_job_step,
public.get_plan_job_steps
from public, anon, authenticated;
grant execute on function
public.save_plan_job_step,
public.get_plan_job_steps
to service_role;


-- 07_costs.sql

-- The ledger: what attempts consumed, kept when their jobs are long deleted. It goes with the user.
--
-- An entry is one attempt's, and what ends it is all that writes it. A row per user and month
-- to be added to would be smaller, but settles that end jobs of the same users would wait for each
-- other there, and two batches that meet them in another order would be a deadlock.
create table public.plan_job_costs (
  job_id uuid not null,
  claim_id uuid not null,
  started_at timestamptz not null,
  user_id uuid references auth.users (id) on delete cascade,
  job_type text not null,
  month date not null,
  model text,
  input_tokens bigint,
  output_tokens bigint,
  cost_usd numeric,

  primary key (job_id, claim_id, started_at),
  -- NaN is greater than Infinity.
  constraint plan_job_costs_finite check (
    cost_usd >= 0 and cost_usd < 'Infinity' and input_tokens >= 0 and output_tokens >= 0
  )
);
comment on table public.plan_job_costs is
'What each attempt consumed that used a model. Outlives the job.';
comment on column public.plan_job_costs.user_id is
'Null for jobs without a user.';
comment on column public.plan_job_costs.month is
'The first day of the month (UTC) in which the attempt ended.';
comment on column public.plan_job_costs.cost_usd is
'Null where the price of the model is not known, and where the user''s own key paid.';
create index plan_job_costs_by_user on public.plan_job_costs (user_id, month, job_type);
alter table public.plan_job_costs enable row level security;
create policy plan_job_costs_read_by_owner
on public.plan_job_costs for select to authenticated
using ((select auth.uid()) = user_id);
revoke all on table public.plan_job_costs from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.plan_job_costs to service_role;
grant select (
  job_id, user_id, job_type, month, model, input_tokens, output_tokens, cost_usd
) on table public.plan_job_costs to authenticated;

-- Row Level Security of the table holds for the view: users see their own sums.
create view public.plan_user_costs with (security_invoker = true) as
select
  cost.user_id,
  cost.job_type,
  cost.month,
  coalesce(sum(cost.input_tokens), 0)::bigint as input_tokens,
  coalesce(sum(cost.output_tokens), 0)::bigint as output_tokens,
  coalesce(sum(cost.cost_usd), 0) as cost_usd
from public.plan_job_costs as cost
group by cost.user_id, cost.job_type, cost.month;
comment on view public.plan_user_costs is
'What the jobs of a user consumed, by type and month (UTC). Tokens count, whoever paid for them.';
revoke all on table public.plan_user_costs from public, anon, authenticated, service_role;
grant select on table public.plan_user_costs to authenticated, service_role;

-- What a usage may say: it is refused otherwise, whoever paid for it.
create domain supajobs.tokens as bigint check (value >= 0);
create domain supajobs.dollars as numeric check (value >= 0 and value <= 1e9);

-- Enters what attempts cost. Who says it again, or more of the same attempt, replaces its entry.
create function supajobs.record_costs(p_ended supajobs.ended_attempt[]) returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  insert into public.plan_job_costs (
    job_id, claim_id, started_at, user_id, job_type, month, model, input_tokens, output_tokens,
    cost_usd
  )
  select
    ended.job_id, ended.claim_id, ended.started_at, ended.user_id, ended.job_type,
    date_trunc('month', ended.ended_at at time zone 'utc')::date, left(spent.model, 200),
    spent.input_tokens, spent.output_tokens,
    case when not ended.has_provider_key then spent.cost_usd end
  from unnest(p_ended) as ended
  cross join lateral jsonb_to_record(
    case jsonb_typeof(ended.usage) when 'object' then ended.usage end
  ) as spent (
    model text,
    input_tokens supajobs.tokens,
    output_tokens supajobs.tokens,
    cost_usd supajobs.dollars
  )
  where num_nonnulls(spent.input_tokens, spent.output_tokens, spent.cost_usd) > 0
  on conflict (job_id, claim_id, started_at) do update
  set
    month = excluded.month,
    model = excluded.model,
    input_tokens = excluded.input_tokens,
    output_tokens = excluded.output_tokens,
    cost_usd = excluded.cost_usd;
end
$$;


-- 08_waits.sql

-- What suspended jobs wait for: a time, or a signal. Nothing looks at a wait while it lasts: its
-- end is the job's run_at (suspend_plan_jobs). Waits and signals are kept as steps are, until their
-- job ends well.
--
-- Both without a foreign key, as the attempts: what deletes these deletes them along.

-- A wait that a run meets again, after a crash or a retry, ends when it first would have.
create table supajobs.waits (
  job_id uuid not null,
  name text not null,
  kind text not null,
  until timestamptz not null,

  primary key (job_id, name),
  constraint waits_name_fits check (length(name) between 1 and 255),
  constraint waits_kind_known check (kind in ('sleep', 'signal'))
);
comment on table supajobs.waits is
'Until when jobs wait, or waited, by the name that their handler gave it.';

create table supajobs.signals (
  job_id uuid not null,
  name text not null,
  payload jsonb not null,
  received_at timestamptz not null,

  primary key (job_id, name),
  constraint signals_name_fits check (length(name) between 1 and 255)
);
comment on table supajobs.signals is
'What jobs were told, whether or not they have waited for it yet. The first of a name counts.';

-- How long a wait of so many seconds is: not below 0, and not above 366 days.
create function supajobs.waiting_time(p_seconds double precision) returns interval
language sql
immutable
set search_path = ''
as $$
  select make_interval(secs => greatest(0, least(366 * 86400, p_seconds)))
$$;

-- Tells a user's job what it waits for, or will wait for, with a payload of at most 16 kB. A job
-- that waits for it is due at once.
--
-- Outcomes: stored | existing (it was told that before; the payload is the one that counts)
-- | too_late (the wait is over) | finished | not_found (nobody's job, or somebody else's). With the
-- job, and in the first two cases with the payload.
--
-- The job's lock keeps its claim away until the signal is in. So a run finds it that began after
-- this was answered; and the wait is over for the one that runs if it was as that began.
create function public.signal_plan_job(
  p_job_id uuid, p_user_id uuid, p_name text, p_payload jsonb default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  -- PostgREST hands a JSON null in as none at all, and that is a payload, too.
  v_payload jsonb := coalesce(p_payload, 'null');
  v_now timestamptz;
  v_job public.plan_generation_jobs;
  v_wait supajobs.waits;
  v_known jsonb;
  v_is_held boolean;
begin
  if length(p_name) between 1 and 255 is not true then
    raise sqlstate 'PT422' using
      message = 'The name of a signal has between 1 and 255 characters.',
      detail = 'signal_name_out_of_range',
      hint = 'Give it the name that the job waits for.';
  end if;
  if octet_length(v_payload::text) > 16384 then
    raise sqlstate 'PT422' using
      message = 'The payload of a signal has at most 16 kB.',
      detail = 'signal_too_large',
      hint = 'Store it elsewhere, and send where it is.';
  end if;

  select * into v_job from public.plan_generation_jobs
  where id = p_job_id and user_id is not distinct from p_user_id
  for no key update;
  if not found then
    return '{"outcome": "not_found"}';
  end if;
  v_now := clock_timestamp();

  select payload into v_known from supajobs.signals where job_id = p_job_id and name = p_name;
  if found then
    return json_build_object(
      'outcome', 'existing', 'payload', v_known, 'job', supajobs.describe_job(v_job)
    );
  end if;
  if v_job.status not in ('pending', 'processing') then
    return json_build_object('outcome', 'finished', 'job', supajobs.describe_job(v_job));
  end if;
  select * into v_wait from supajobs.waits
  where job_id = p_job_id and name = p_name and kind = 'signal';
  if
    v_wait.until
    <= (case v_job.status when 'processing' then v_job.started_at else v_now end)
  then
    return json_build_object('outcome', 'too_late', 'job', supajobs.describe_job(v_job));
  end if;
  if
    v_wait.name is null -- what it waits for has room, whatever else it was told
    and (select count(*) from supajobs.signals where job_id = p_job_id) >= 100
  then
    raise sqlstate 'PT422' using
      message = 'A job takes at most 100 signals.',
      detail = 'too_many_signals',
      hint = 'Tell it more with each.';
  end if;

  insert into supajobs.signals (job_id, name, payload, received_at)
  values (p_job_id, p_name, v_payload, v_now);
  if v_wait.name = v_job.waiting_for then
    v_is_held := v_job.has_ties and supajobs.is_limited_by_key(p_job_id);
    update public.plan_generation_jobs
    set
      run_at = v_now,
      turn = case
        when not v_is_held then supajobs.next_turn(user_id, job_type, priority)
      end,
      is_held = v_is_held,
      waiting_for = null,
      updated_at = v_now
    where id = p_job_id
    returning * into v_job;
    insert into supajobs.news (job_id) select p_job_id where v_is_held;
  elsif not v_job.has_steps then
    update public.plan_generation_jobs set has_steps = true where id = p_job_id;
  end if;
  return json_build_object(
    'outcome', 'stored', 'payload', v_payload, 'job', supajobs.describe_job(v_job)
  );
end
$$;

revoke all on function public.signal_plan_job from public, anon, authenticated;
grant execute on function public.signal_plan_job to service_role;


-- 09_held_jobs.sql

-- Jobs that are held: pending, but without a turn, so that no claim searches past them. They wait
-- for others: for their parents, whose results they need (a flow), or for one of their user's or
-- project's jobs to end, where the type limits how many of these run at the same time.
--
-- Whoever ends such a job, or has it leave its lane, writes that down (news), waits for nobody, and
-- goes on. The next claim reads the news and lets go of what may go, one claim at a time in the
-- whole fleet: so no two can count the same thing, and two parents that end at the same moment
-- cannot both take the other for unfinished.

create table supajobs.news (
  id bigint generated always as identity primary key,
  job_id uuid not null,
  is_stuck boolean not null default false
)
with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
create index news_unread on supajobs.news (id) where not is_stuck;
comment on table supajobs.news is
'Jobs of whose end, or arrival, held ones are to hear with the next claim.';
comment on column supajobs.news.is_stuck is
'Could not be passed on; the next sweep has it tried again.';

-- The jobs of types with a limit per user or per project, until they have ended.
create table supajobs.keyed_jobs (
  job_id uuid primary key,
  job_type text not null,
  user_id uuid not null,
  project_id uuid,
  priority smallint not null,
  is_waiting boolean not null default false,
  is_admitted boolean not null default false
);
comment on table supajobs.keyed_jobs is
'Jobs of which a limited number per user or project runs at the same time.';
comment on column supajobs.keyed_jobs.user_id is
'supajobs.nobody() for jobs without a user.';
comment on column supajobs.keyed_jobs.is_admitted is
'Whether it runs, or has a turn. Those that have been admitted are counted.';
-- Each begins with its key: with the type first, each would do for either question, and a planner
-- with old statistics reads all jobs of the type to find those of one user.
create index keyed_jobs_waiting_by_user
on supajobs.keyed_jobs (user_id, job_type, priority desc, job_id) where is_waiting;
create index keyed_jobs_waiting_by_project
on supajobs.keyed_jobs (project_id, job_type, priority desc, job_id)
where is_waiting and project_id is not null;
create index keyed_jobs_admitted_by_user
on supajobs.keyed_jobs (user_id, job_type) where is_admitted;
create index keyed_jobs_admitted_by_project
on supajobs.keyed_jobs (project_id, job_type) where is_admitted and project_id is not null;

create function supajobs.is_limited_by_key(p_job_id uuid) returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (select from supajobs.keyed_jobs where job_id = p_job_id);
end
$$;

-- Has the limits of its type count for a job that came in, or that runs again, and is held. That
-- its type has some, the caller has found; should it have none any more, the job is let go.
create function supajobs.limit_by_key(p_job public.plan_generation_jobs) returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  insert into supajobs.keyed_jobs (job_id, job_type, user_id, project_id, priority)
  values (
    p_job.id, p_job.job_type, coalesce(p_job.user_id, supajobs.nobody()), p_job.project_id,
    p_job.priority
  )
  on conflict do nothing;
  insert into supajobs.news (job_id) values (p_job.id);
end
$$;

-- How many jobs of this user, or of this project, run or have a turn.
create function supajobs.count_admitted(
  p_job_type text, p_user_id uuid, p_project_id uuid
) returns integer
language plpgsql
volatile
set search_path = ''
as $$
begin
  if p_user_id is not null then
    return (
      select count(*) from supajobs.keyed_jobs
      where is_admitted and job_type = p_job_type and user_id = p_user_id
    );
  end if;
  return (
    select count(*) from supajobs.keyed_jobs
    where is_admitted and job_type = p_job_type and project_id = p_project_id
  );
end
$$;

-- Counts anew what of these jobs' users and projects runs, and admits as many more as there is room
-- for, the most urgent first; where there is room for more than a hundred of a key, the rest with
-- the next news. One that has no room in its other key is passed over, so that it keeps nobody
-- behind it.
create function supajobs.admit_keyed_jobs(p_job_ids uuid[]) returns void
language plpgsql
volatile
set search_path = ''
-- Those who wait are read in the order of their index, and no further than there is room.
set enable_sort = off
set enable_bitmapscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_told supajobs.keyed_jobs[] := array(
    select keyed from supajobs.keyed_jobs as keyed where keyed.job_id = any(p_job_ids)
  );
  v_key record;
  v_next record;
  v_room integer;
  v_has_more_room boolean;
  v_others_limit integer;
  v_other uuid;
  v_full uuid[];
  v_admitted uuid[] := '{}';
begin
  delete from supajobs.keyed_jobs as keyed
  where
    keyed.job_id = any(p_job_ids)
    and not exists (
      select from public.plan_generation_jobs as job
      where job.id = keyed.job_id and job.completed_at is null
    );
  update supajobs.keyed_jobs as keyed
  set
    is_admitted = job.status = 'processing' or job.turn is not null,
    is_waiting = job.is_held and not exists (
      select from supajobs.edges as edge
      where edge.job_id = job.id and edge.outcome is null
    )
  from public.plan_generation_jobs as job
  where keyed.job_id = any(p_job_ids) and job.id = keyed.job_id;

  for v_key in
    select distinct
      told.job_type, key.user_id, key.project_id, type.max_running_per_user,
      type.max_running_per_project
    from unnest(v_told) as told
    left join public.plan_job_types as type on told.job_type = type.job_type
    cross join lateral (
      values (told.user_id, null::uuid), (null::uuid, told.project_id)
    ) as key (user_id, project_id)
    -- Nobody waits for a key that has no limit; but as many as there are may for their other one.
    where
      case
        when key.project_id is not null then type.max_running_per_project is not null
        when key.user_id is not null
          then
            type.max_running_per_user is not null
            or num_nulls(told.project_id, type.max_running_per_project) > 0
      end
    order by told.job_type, key.user_id, key.project_id
  loop
    if v_key.user_id is not null then
      v_room := v_key.max_running_per_user
        - supajobs.count_admitted(v_key.job_type, v_key.user_id, null);
      v_others_limit := v_key.max_running_per_project;
    else
      v_room := v_key.max_running_per_project
        - supajobs.count_admitted(v_key.job_type, null, v_key.project_id);
      v_others_limit := v_key.max_running_per_user;
    end if;
    v_has_more_room := coalesce(v_room > 100, true);
    v_room := least(100, v_room);
    v_full := '{}';
    continue when v_room <= 0;

    for v_next in
      select waiting.job_id, waiting.user_id, waiting.project_id
      from (
        (
          select keyed.job_id, keyed.priority, null::uuid as user_id, keyed.project_id
          from supajobs.keyed_jobs as keyed
          where
            keyed.is_waiting
            and keyed.job_type = v_key.job_type
            and keyed.user_id = v_key.user_id
          order by keyed.priority desc, keyed.job_id
        )
        union all
        (
          select keyed.job_id, keyed.priority, keyed.user_id, null
          from supajobs.keyed_jobs as keyed
          where
            keyed.is_waiting
            and keyed.job_type = v_key.job_type
            and keyed.project_id = v_key.project_id
          order by keyed.priority desc, keyed.job_id
        )
      ) as waiting
      order by waiting.priority desc, waiting.job_id
    loop
      v_other := coalesce(v_next.user_id, v_next.project_id);
      continue when v_other = any(v_full);
      if
        v_other is not null
        and supajobs.count_admitted(v_key.job_type, v_next.user_id, v_next.project_id)
        >= v_others_limit
      then
        v_full := v_full || v_other;
        continue;
      end if;
      update supajobs.keyed_jobs set is_waiting = false, is_admitted = true
      where job_id = v_next.job_id;
      v_admitted := v_admitted || v_next.job_id;
      v_room := v_room - 1;
      if v_room = 0 then
        insert into supajobs.news (job_id) select v_next.job_id where v_has_more_room;
        exit;
      end if;
    end loop;
  end loop;

  -- One that has been cancelled meanwhile keeps its place until the next claim hears of it.
  with users as materialized (
    select
      job.user_id, job.job_type, job.priority,
      supajobs.next_turn(job.user_id, job.job_type, job.priority) as turn,
      array_agg(job.id order by job.id) as job_ids
    from public.plan_generation_jobs as job
    where job.id = any(v_admitted) and job.is_held and job.status = 'pending'
    group by job.user_id, job.job_type, job.priority
  )

  update public.plan_generation_jobs as job
  set
    is_held = false,
    run_at = greatest(job.run_at, v_now),
    turn = users.turn - 1 + admitted.number,
    updated_at = v_now
  from users
  cross join lateral unnest(users.job_ids) with ordinality as admitted (id, number)
  where job.id = admitted.id and job.is_held and job.status = 'pending';
end
$$;

-- Who waits for a limit that is edited hears of it with the next claim. So do, where one is
-- lowered, those that have a turn under what it was: a claim would start them before it reads the
-- news. One that somebody has locked is about to start.
create function supajobs.tell_of_limits() returns trigger
language plpgsql
volatile
set search_path = ''
as $$
begin
  if
    tg_op = 'UPDATE'
    and (
      new.max_running_per_user < coalesce(old.max_running_per_user, 'infinity'::float)
      or new.max_running_per_project < coalesce(old.max_running_per_project, 'infinity'::float)
    )
  then
    with admitted as (
      select job.id
      from supajobs.keyed_jobs as keyed
      inner join public.plan_generation_jobs as job on keyed.job_id = job.id
      where
        keyed.is_admitted
        and keyed.job_type = old.job_type
        and job.status = 'pending'
        and job.turn is not null
      order by job.id
      for no key update of job skip locked
    ),

    held as (
      update public.plan_generation_jobs as job
      set turn = null, is_held = true, updated_at = clock_timestamp()
      from admitted
      where job.id = admitted.id
    )

    update supajobs.keyed_jobs as keyed
    set is_admitted = false, is_waiting = true
    from admitted
    where keyed.job_id = admitted.id;
  end if;
  insert into supajobs.news (job_id)
  select job_id from supajobs.keyed_jobs where is_waiting and job_type = old.job_type;
  return null;
end
$$;

create trigger plan_job_types_tell_of_limits
after update of max_running_per_user, max_running_per_project or delete on public.plan_job_types
for each row
execute function supajobs.tell_of_limits();

-- Tells of the end of these jobs. Where that cannot be done for one, for a row that somebody has
-- locked, it is for the others; as they may all wait for that row, for half a second.
create function supajobs.pass_on(p_job_ids uuid[]) returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_until timestamptz := clock_timestamp() + interval '500 ms';
  v_job_id uuid;
begin
  perform supajobs.tell_children(p_job_ids);
  perform supajobs.admit_keyed_jobs(p_job_ids);
exception when others then
  if cardinality(p_job_ids) = 1 then
    insert into supajobs.news (job_id, is_stuck) values (p_job_ids[1], true);
    raise warning 'supajobs: the end of job % is not passed on: %', p_job_ids[1], sqlerrm;
    return;
  end if;
  -- In another order each time, so that none stays behind those that cannot.
  for v_job_id in
    select ended.id from unnest(p_job_ids) as ended (id)
    order by random()
  loop
    if clock_timestamp() < v_until then
      perform supajobs.pass_on(array[v_job_id]);
    else
      insert into supajobs.news (job_id, is_stuck) values (v_job_id, true);
    end if;
  end loop;
end
$$;

-- Who has this lock is alone with what is held: the claim that reads the news, or who has a job run
-- again whose end it may be passing on at this moment.
create function supajobs.lock_news() returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('supajobs.news', 0));
end
$$;

create function supajobs.try_lock_news() returns boolean
language plpgsql
volatile
set search_path = ''
as $$
begin
  return pg_try_advisory_xact_lock(hashtextextended('supajobs.news', 0));
end
$$;

-- Reads the news, a thousand at a time, and what these lead to. Answers whether there were any.
--
-- One claim at a time does. One that came short waits for it, for a moment: what it lets go is for
-- both to take. One that has enough (p_has_enough) waits for nobody, and reads a hundred.
create function supajobs.release_held_jobs(p_has_enough boolean default false) returns boolean
language plpgsql
volatile
set search_path = ''
set lock_timeout = '100ms'
as $$
declare
  v_job_ids uuid[];
  v_round integer := 0;
begin
  if not exists (select from supajobs.news where not is_stuck) then
    return false;
  end if;
  begin
    if not p_has_enough then
      perform supajobs.lock_news();
    elsif not supajobs.try_lock_news() then
      return true;
    end if;
  exception when lock_not_available then
    return true;
  end;
  while v_round < case when p_has_enough then 1 else 3 end loop
    with heard as (
      delete from supajobs.news
      where id = any(array(
        select unread.id from supajobs.news as unread
        where not unread.is_stuck
        order by unread.id
        limit case when p_has_enough then 100 else 1000 end
      ))
      returning job_id
    )

    select array_agg(distinct heard.job_id) into v_job_ids from heard;
    exit when v_job_ids is null;
    perform supajobs.pass_on(v_job_ids);
    v_round := v_round + 1;
  end loop;
  return true;
end
$$;


-- 10_enqueue.sql

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


-- 11_claim.sql

-- Takes up to p_max_jobs due jobs for a worker. It goes lane by lane, the highest priority first
-- and the job types of one priority in random order, and takes from each, in turn, what the limits
-- of its type allow. A repeated call with the same p_claim_id answers the same jobs, as long as
-- they run, and extends their leases.

-- Who started when: one row per claim of a limited type, for a minute. The sweep deletes them.
create table supajobs.starts (
  job_type text not null,
  started_at timestamptz not null,
  claim_id uuid not null,
  jobs integer not null,

  primary key (job_type, started_at, claim_id),
  constraint starts_some check (jobs > 0)
);
comment on table supajobs.starts is
'The starts of the last minute, of the job types that have a limit.';

-- How many more jobs may start now of each limited type, with the locks that keep it true until the
-- commit: claims of a limited type take turns here. The locks are not those of the rows: no claim
-- waits for somebody who edits a type in an open transaction; what is committed counts. Nor does
-- any wait for a type that is held back, of which it takes nothing. Empty where no type is limited.
create function supajobs.lock_quotas(p_job_types text[]) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_limited text[];
  v_job_type text;
  v_type public.plan_job_types;
  v_quotas jsonb;
begin
  -- Nothing of any limited type, unless the loop says how much: what was paused or resumed between
  -- the two is not taken for unlimited.
  select
    coalesce(jsonb_object_agg(type.job_type, 0), '{}'),
    coalesce(
      array_agg(type.job_type order by type.job_type) filter (
        where (0 in (type.max_running, type.starts_per_minute)) is not true
      ),
      '{}'
    )
  into v_quotas, v_limited
  from public.plan_job_types as type
  where
    (type.max_running is not null or type.starts_per_minute is not null)
    and (p_job_types is null or type.job_type = any(p_job_types));

  -- In one order, so that no two claims wait for each other.
  foreach v_job_type in array v_limited loop
    perform pg_advisory_xact_lock(hashtextextended(v_job_type, 1));
    select * into v_type from public.plan_job_types where job_type = v_job_type;
    v_quotas := v_quotas || jsonb_build_object(
      v_job_type,
      greatest(0, least(
        v_type.max_running - (
          select count(*) from public.plan_generation_jobs
          where status = 'processing' and job_type = v_job_type
        ),
        v_type.starts_per_minute - (
          select coalesce(sum(jobs), 0) from supajobs.starts
          where
            job_type = v_job_type
            and started_at > clock_timestamp() - interval '1 minute'
        )
      ))
    );
  end loop;
  return v_quotas;
end
$$;

-- What the worker is told about the jobs that it has claimed and that still run.
create function supajobs.describe_claimed_jobs(p_claim_id uuid) returns json
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(json_agg(claimed), '[]')
    from (
      select
        id, user_id, job_type, params, project_id, trace_id, claim_id, retry_count, max_retries,
        crash_count, lease_seconds, max_runtime_seconds, created_at, started_at, has_ties, priority,
        turn
      from public.plan_generation_jobs
      where claim_id = p_claim_id and status = 'processing'
      order by priority desc, turn, id
    ) as claimed
  );
end
$$;

create function public.claim_plan_jobs(
  p_claim_id uuid,
  p_worker_id text,
  p_max_jobs integer default 1,
  p_job_types text[] default null
) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_free integer := p_max_jobs;
  v_pass integer := 0;
  v_quotas jsonb;
  v_lanes supajobs.lanes[] := '{}';
  v_lane supajobs.lanes;
  v_state record;
begin
  if coalesce(p_max_jobs, 0) not between 1 and 1000 then
    raise sqlstate 'PT422' using
      message = 'A claim takes between 1 and 1000 jobs.',
      detail = 'max_jobs_out_of_range',
      hint = 'Claim again when these have ended.';
  end if;

  if p_claim_id is null or p_worker_id is null then
    raise sqlstate 'PT422' using
      message = 'A claim has an id, made by the worker, and the name of the worker.',
      detail = 'claim_without_a_name',
      hint = 'Send p_claim_id and p_worker_id.';
  end if;

  -- Two copies of one call, a retry beside its slow first try, take turns: else both would claim.
  perform pg_advisory_xact_lock(hashtextextended(p_claim_id::text, 0));

  -- Mostly one pass through all lanes, in one statement. A second one where the sweep or a
  -- promotion may have brought jobs up; and where types are limited, one for each lane.
  loop
    with state as materialized (
      select
        exists (
          select from public.plan_generation_jobs
          where claim_id = p_claim_id and status = 'processing'
        ) as has_claimed,
        exists (
          select from supajobs.sweeps where swept_at < v_now - pause
        ) as sweep_is_due,
        exists (
          select from public.plan_generation_jobs
          where status = 'pending' and turn is null and not is_held and run_at <= v_now
        ) as some_are_due,
        exists (
          select from public.plan_job_types
          where
            (max_running is not null or starts_per_minute is not null)
            and (p_job_types is null or job_type = any(p_job_types))
        ) as some_are_limited
    ),

    taken as (
      update public.plan_generation_jobs as job
      set
        status = 'processing',
        claim_id = p_claim_id,
        worker_id = p_worker_id,
        lease_expires_at = v_now + make_interval(secs => job.lease_seconds),
        lease_lost_at = null,
        started_at = v_now,
        updated_at = v_now
      where job.id = any(array(
        select waiting.id
        from state
        cross join (
          select job_type, priority, min(floor) as floor
          from supajobs.lanes
          where
            (p_job_types is null or job_type = any(p_job_types))
            and (v_lane is null or (job_type = v_lane.job_type and priority = v_lane.priority))
          group by job_type, priority
          order by priority desc, hashtextextended(job_type, uuid_hash_extended(p_claim_id, 0))
        ) as lane
        cross join lateral (
          select job.id
          from public.plan_generation_jobs as job
          where
            job.status = 'pending'
            and job.job_type = lane.job_type
            and job.priority = lane.priority
            and job.turn >= lane.floor
          order by job.turn, job.id
          limit least(v_free, (v_quotas ->> lane.job_type)::integer)
          for update skip locked
        ) as waiting
        where v_pass > 0 or not (state.has_claimed or state.some_are_limited)
        limit v_free
      ))
      returning
        job.id, job.user_id, job.job_type, job.params, job.project_id, job.trace_id, job.claim_id,
        job.retry_count, job.max_retries, job.crash_count, job.lease_seconds,
        job.max_runtime_seconds, job.created_at, job.started_at, job.has_ties, job.priority,
        job.turn
    )

    select state.*, answer.jobs, answer.taken into v_state
    from state
    cross join (
      select
        json_agg(taken order by taken.priority desc, taken.turn, taken.id) as jobs,
        count(*)::integer as taken
      from taken
    ) as answer;

    v_free := v_free - v_state.taken;
    if v_pass = 0 then
      if v_state.has_claimed then
        -- Who asks again is alive: a lost answer is no lost lease.
        update public.plan_generation_jobs as job
        set lease_expires_at = least(
          v_now + make_interval(secs => job.lease_seconds),
          job.started_at + make_interval(secs => job.max_runtime_seconds + job.lease_seconds)
        )
        where job.claim_id = p_claim_id and job.status = 'processing';
        exit;
      end if;
      if v_state.sweep_is_due then
        perform supajobs.sweep();
      end if;
      -- While there is enough to do without them, once in a while.
      if v_free > 0 or v_state.sweep_is_due then
        v_state.some_are_due := (
          supajobs.release_held_jobs(p_has_enough => v_free = 0) or v_state.some_are_due
        );
      end if;
      if v_state.some_are_due then
        perform supajobs.promote_due_jobs(greatest(100, p_max_jobs));
        -- Those among them whose key is to have room first.
        perform supajobs.release_held_jobs(p_has_enough => v_free = 0);
      end if;
      if
        v_free = 0
        or not (v_state.sweep_is_due or v_state.some_are_due or v_state.some_are_limited)
      then
        return coalesce(v_state.jobs, '[]');
      end if;
      if v_state.some_are_limited then
        v_quotas := supajobs.lock_quotas(p_job_types);
        -- A lane that is there twice has nothing more to give the second time.
        v_lanes := array(
          select lane from supajobs.lanes as lane
          where p_job_types is null or lane.job_type = any(p_job_types)
          order by
            lane.priority desc,
            hashtextextended(lane.job_type, uuid_hash_extended(p_claim_id, 0))
        );
        exit when cardinality(v_lanes) = 0;
      end if;
    elsif v_state.taken > 0 and v_quotas ? v_lane.job_type then
      insert into supajobs.starts (job_type, started_at, claim_id, jobs)
      values (v_lane.job_type, v_now, p_claim_id, v_state.taken);
      v_quotas := v_quotas || jsonb_build_object(
        v_lane.job_type, (v_quotas ->> v_lane.job_type)::integer - v_state.taken
      );
    end if;
    exit when v_free = 0 or (v_pass > 0 and v_pass >= cardinality(v_lanes));
    v_pass := v_pass + 1;
    v_lane := v_lanes[v_pass];
    v_now := clock_timestamp();
  end loop;
  return supajobs.describe_claimed_jobs(p_claim_id);
end
$$;

revoke all on function public.claim_plan_jobs from public, anon, authenticated;
grant execute on function public.claim_plan_jobs to service_role;


-- 12_heartbeat.sql

-- One call for all jobs of a worker: [{job_id, claim_id, progress?}], progress being {phase,
-- percentage, message}. Extends the leases, stores the progress, and carries cancellations down.
--
-- Per job: outcome held | lost | cancelled, cancel_requested, deadline. Past its deadline plus one
-- lease a job is not held any longer, however lively its worker.

-- Progress as all that read it take it, of what a worker says; null: of what says no percentage.
create function supajobs.read_progress(p_progress jsonb) returns jsonb
language sql
immutable
set search_path = ''
as $$
  select
    case jsonb_typeof(p_progress -> 'percentage')
      when 'number' then jsonb_build_object(
        'phase', coalesce(p_progress ->> 'phase', ''),
        'percentage',
        greatest(0, least(100, round((p_progress -> 'percentage')::numeric)))::integer,
        'message', coalesce(p_progress ->> 'message', '')
      )
    end;
$$;

create function public.heartbeat_plan_jobs(p_jobs jsonb) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_answers json;
begin
  with beat as (
    select job_id, claim_id, progress
    from jsonb_to_recordset(p_jobs) as beat (job_id uuid, claim_id uuid, progress jsonb)
  ),

  free as (
    select job.id
    from public.plan_generation_jobs as job
    where job.id = any(array(select beat.job_id from beat))
    for no key update skip locked
  ),

  held as (
    update public.plan_generation_jobs as job
    set
      lease_expires_at = least(
        v_now + make_interval(secs => job.lease_seconds),
        job.started_at + make_interval(secs => job.max_runtime_seconds + job.lease_seconds)
      ),
      progress = coalesce(supajobs.read_progress(beat.progress), job.progress),
      updated_at = v_now
    from beat
    where
      job.id = any(array(select free.id from free))
      and job.id = beat.job_id
      and job.claim_id = beat.claim_id
      and job.status = 'processing'
      and v_now < job.started_at
      + make_interval(secs => job.max_runtime_seconds + job.lease_seconds)
    returning
      job.id,
      job.claim_id,
      job.cancel_requested_at is not null as cancel_requested,
      job.started_at + make_interval(secs => job.max_runtime_seconds) as deadline
  )

  select
    coalesce(
      json_agg(
        json_build_object(
          'job_id', beat.job_id,
          'outcome', case
            when held.id is not null then 'held'
            when job.status = 'processing' and free.id is null then 'held'
            when job.status = 'cancelled' then 'cancelled'
            else 'lost'
          end,
          'cancel_requested', coalesce(held.cancel_requested, false),
          'deadline', held.deadline
        )
      ),
      '[]'
    ) into v_answers
  from beat
  left join held on beat.job_id = held.id and beat.claim_id = held.claim_id
  left join free on beat.job_id = free.id
  left join public.plan_generation_jobs as job
    on
      beat.job_id = job.id
      and beat.claim_id = job.claim_id
      -- By their key, though the statistics may be of when the table was empty.
      and job.id = any(array(select beat.job_id from beat));
  return v_answers;
end
$$;

revoke all on function public.heartbeat_plan_jobs from public, anon, authenticated;
grant execute on function public.heartbeat_plan_jobs to service_role;


-- 13_settle.sql

-- How attempts end: well, badly, or unburned. Each function takes a batch, [{job_id, claim_id, …}],
-- and answers [{job_id, claim_id, outcome, …}]. A claim that no longer holds is answered with what
-- the same settle was told the first time, or with stale: so every call may be repeated.
--
-- A settle waits for nobody: one row that somebody keeps locked would hold up the whole batch. A
-- job that is locked, or whose user is, is answered with busy: nothing was changed, ask again.

-- Whether a user is not being deleted; if so, the deletion now waits. Who ends a job and writes
-- what is its user's, a plan or costs, asks before taking the job: a deletion goes that way, too.
-- Who is no user is never deleted.
create function supajobs.try_lock_user(p_user_id uuid) returns boolean
language plpgsql
volatile
security definer -- for auth.users, of which it tells nothing more
set search_path = ''
as $$
begin
  perform from auth.users where id = p_user_id for key share skip locked;
  return found or p_user_id is null;
end
$$;

-- The same of a job's user. A job that is gone has nobody to wait for.
create function supajobs.try_lock_user_of(p_job_id uuid) returns boolean
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_user_id uuid;
begin
  select user_id into v_user_id from public.plan_generation_jobs where id = p_job_id;
  return v_user_id is null or supajobs.try_lock_user(v_user_id);
end
$$;

-- The tail of all settles: writes down the attempts that they ended, and adds to their answers
-- those for the claims that no longer held. One that holds still was passed over: it is busy.
--
-- What an attempt consumed that was taken from its worker is spent, whatever became of the job: the
-- worker still says it, here. Said again, it is the same entry. Who has the attempt locked says the
-- same, or deletes it.
create function supajobs.finish_settles(
  p_jobs jsonb,
  p_answers json,
  p_ended supajobs.ended_attempt[],
  p_outcomes text[]
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_late supajobs.ended_attempt[];
begin
  if p_ended is not null then
    perform supajobs.record_attempts(p_ended);
  end if;
  if json_array_length(p_answers) = jsonb_array_length(p_jobs) then
    return p_answers;
  end if;

  with spent as (
    select attempt.job_id, attempt.claim_id, attempt.started_at, given.usage
    from jsonb_to_recordset(p_jobs) as given (job_id uuid, claim_id uuid, usage jsonb)
    inner join supajobs.unsuccessful_attempts as attempt
      on given.job_id = attempt.job_id and given.claim_id = attempt.claim_id
    where
      given.usage is not null
      and attempt.outcome in ('crashed', 'cancelled')
      and attempt.started_at = (
        select max(latest.started_at)
        from public.plan_job_attempts as latest
        where latest.job_id = given.job_id and latest.claim_id = given.claim_id
      )
      and supajobs.try_lock_user_of(given.job_id)
    for no key update of attempt skip locked
  ),

  late as (
    update supajobs.unsuccessful_attempts as attempt
    set usage = spent.usage
    from spent
    where
      attempt.job_id = spent.job_id
      and attempt.claim_id = spent.claim_id
      and attempt.started_at = spent.started_at
    returning attempt.*
  )

  select
    array_agg(
      (
        late.job_id, late.claim_id, job.user_id, late.job_type, late.worker_id, late.outcome,
        late.error, late.started_at, late.ended_at, late.retry_at, late.usage,
        late.has_provider_key, late.cause
      )::supajobs.ended_attempt
    ) into v_late
  from late
  inner join public.plan_generation_jobs as job on late.job_id = job.id;
  if v_late is not null then
    perform supajobs.record_costs(v_late);
  end if;

  return (
    select
      json_agg(
        json_strip_nulls(
          json_build_object(
            'job_id', given.job_id,
            'claim_id', given.claim_id,
            'outcome', coalesce(answer.outcome, held.outcome, attempt.outcome, 'stale'),
            'run_at', coalesce(answer.run_at, attempt.retry_at)
          )
        )
      )
    from jsonb_to_recordset(p_jobs) as given (job_id uuid, claim_id uuid)
    left join json_to_recordset(p_answers)
      as answer (job_id uuid, claim_id uuid, outcome text, run_at timestamptz)
      on given.job_id = answer.job_id and given.claim_id = answer.claim_id
    left join lateral (
      select 'busy' as outcome
      from public.plan_generation_jobs as job
      where
        answer.outcome is null
        and job.id = given.job_id
        and job.claim_id = given.claim_id
        and (
          job.status = 'processing'
          or (
            'completed' = any(p_outcomes)
            and job.lease_lost_at is not null
            and job.status in ('pending', 'failed')
          )
        )
      limit 1
    ) as held on true
    left join lateral (
      select latest.outcome, latest.retry_at
      from public.plan_job_attempts as latest
      where
        coalesce(answer.outcome, held.outcome) is null
        and latest.job_id = given.job_id
        and latest.claim_id = given.claim_id
        and latest.outcome = any(p_outcomes)
      order by latest.started_at desc
      limit 1
    ) as attempt on true
  );
end
$$;

-- Ends jobs well: [{job_id, claim_id, result?, store?, plan?, then?, usage?}]. A plan is stored by
-- the family of training plans, whatever the job's type. What `then` has is requested with the
-- completion, or not at all: entries as enqueue_plan_jobs takes them.
--
-- Outcomes: completed | cancelled (its cancellation had been asked for; the result is dropped)
-- | stale (the claim no longer holds) | busy; and, where a function that stores failed, or a job
-- that was to follow was refused, what fail_plan_jobs answers. Paid work is not thrown away: a
-- completion whose lease was swept is still accepted while nobody else has claimed the job.
--
-- A completed job needs nothing but its own row, and most batches are of such: they are answered
-- before the rest is looked at, for each question costs PL/pgSQL a hundredth of the call.
create function public.complete_plan_jobs(p_jobs jsonb) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_answers json;
  v_all_held boolean;
  v_to_record supajobs.ended_attempt[];
begin
  with given as (
    select * from jsonb_to_recordset(p_jobs) as given (
      job_id uuid, claim_id uuid, result jsonb, store jsonb, plan jsonb, "then" jsonb, usage jsonb
    )
    -- Who has something to store comes here again when that is stored (complete_storing). A case,
    -- of which the planner expects half of the rows: expecting one, it compares all with all.
    where
      case
        when coalesce(given.store, given.plan, given."then") is not null then false
        -- Before the locks of the jobs: they come when this has been read to its end.
        else given.usage is null or supajobs.try_lock_user_of(given.job_id)
      end
  ),

  free as (
    select job.id
    from public.plan_generation_jobs as job
    -- As an array: the jobs are then found by their key, however new the table's statistics.
    where job.id = any(array(select given.job_id from given))
    for no key update skip locked
  ),

  ended as (
    update public.plan_generation_jobs as job
    set
      status = case when job.cancel_requested_at is null then 'completed' else 'cancelled' end,
      result = case when job.cancel_requested_at is null then given.result end,
      usage = case when job.cancel_requested_at is null then given.usage end,
      error = null,
      progress = null,
      lease_expires_at = null,
      lease_lost_at = null,
      is_held = false, -- it was, where it had lost its lease and was run again by hand
      completed_at = v_now,
      expires_at = v_now + make_interval(hours => job.ttl_hours),
      updated_at = v_now
    from given
    where
      job.id = any(array(select free.id from free))
      and job.id = given.job_id
      and job.claim_id = given.claim_id
      and (
        job.status = 'processing'
        or (job.lease_lost_at is not null and job.status in ('pending', 'failed'))
      )
    returning
      job.id, job.claim_id, job.status, job.user_id, job.job_type, job.worker_id, job.started_at,
      job.has_provider_key, job.has_steps, job.has_ties, given.usage,
      -- Since the attempt began it was swept, or swept and then retried by hand.
      job.crash_count > 0 or job.run_at > job.started_at as has_crashed
  )

  select
    coalesce(json_agg(answer), '[]'),
    count(*) = jsonb_array_length(p_jobs),
    array_agg(
      (
        ended.id, ended.claim_id, ended.user_id, ended.job_type, ended.worker_id, ended.status,
        null, ended.started_at, v_now, null, ended.usage, ended.has_provider_key, null
      )::supajobs.ended_attempt
    ) filter (
      where
        ended.usage is not null
        or ended.has_steps
        or ended.has_ties
        or ended.status = 'cancelled'
        or ended.has_crashed
    )
  into v_answers, v_all_held, v_to_record
  from ended
  cross join lateral (
    select ended.id as job_id, ended.claim_id, ended.status as outcome
  ) as answer;

  if v_all_held and v_to_record is null then
    return v_answers;
  end if;
  if not v_all_held then
    v_answers := supajobs.complete_storing(p_jobs, v_answers);
  end if;
  return supajobs.finish_settles(
    p_jobs, v_answers, v_to_record, array['completed', 'cancelled']
  );
end
$$;

-- Of a completion's entries, ends those that have something to store, or are to be followed; the
-- answers to them are added to those that there are.
--
-- Each is stored by itself, in a subtransaction: what fails there ends one attempt, and undoes what
-- that one has written. Afterwards nothing may fail or be undone, so the statement that completes
-- jobs then does it for all of them. See docs/decisions/0018.
create function supajobs.complete_storing(p_jobs jsonb, p_answers json) returns json
language plpgsql
volatile
set search_path = ''
-- What its caller has set is of no use to somebody else's statements.
set plan_cache_mode = 'auto'
set enable_seqscan = on
as $$
declare
  v_storing jsonb;
  v_given record;
  v_job public.plan_generation_jobs;
  -- A function that is slow would cost the next one its statement_timeout: that waits for the next
  -- call, as busy.
  v_until timestamptz := clock_timestamp() + interval '2 seconds';
  v_outcome jsonb;
  v_refusal jsonb;
  v_is_requesting boolean;
  v_stored jsonb[] := '{}';
  v_cancelled jsonb[] := '{}';
  v_failed jsonb[] := '{}';
  v_repeated json[] := '{}';
  v_answers json;
  v_state text;
  v_message text;
  v_detail text;
  v_hint text;
  v_context text;
begin
  v_storing := (
    select jsonb_agg(entry)
    from (
      select distinct on (given.job_id, given.claim_id) each.entry
      from jsonb_array_elements(p_jobs) as each (entry)
      cross join lateral jsonb_to_record(each.entry)
        as given (job_id uuid, claim_id uuid, store jsonb, plan jsonb, "then" jsonb)
      where coalesce(given.store, given.plan, given."then") is not null
      order by given.job_id, given.claim_id
    ) as storing
  );
  if v_storing is null then
    return p_answers;
  end if;

  for v_given in
    select * from jsonb_to_recordset(v_storing) as given (
      job_id uuid, claim_id uuid, result jsonb, store jsonb, plan jsonb, "then" jsonb, usage jsonb
    )
  loop
    exit when clock_timestamp() > v_until;
    continue when not supajobs.try_lock_user_of(v_given.job_id);
    select * into v_job
    from public.plan_generation_jobs as job
    where
      job.id = v_given.job_id
      and job.claim_id = v_given.claim_id
      and (
        job.status = 'processing'
        or (job.lease_lost_at is not null and job.status in ('pending', 'failed'))
      )
    for no key update skip locked;
    if not found then
      -- Where this call's like has failed it, and nobody heard: the same answer.
      v_repeated := v_repeated || array(
        select
          json_strip_nulls(
            json_build_object(
              'job_id', attempt.job_id,
              'claim_id', attempt.claim_id,
              'outcome', attempt.outcome,
              'run_at', attempt.retry_at
            )
          )
        from supajobs.unsuccessful_attempts as attempt
        where
          attempt.job_id = v_given.job_id
          and attempt.claim_id = v_given.claim_id
          and attempt.outcome in ('retrying', 'failed')
          and attempt.error ->> 'code' in (
            'store_failed', 'nothing_stores_it', 'follow_up_refused'
          )
          and not exists (
            select from public.plan_generation_jobs as job
            where
              job.id = v_given.job_id
              and job.claim_id = v_given.claim_id
              and job.status in ('processing', 'completed', 'cancelled')
          )
        order by attempt.started_at desc
        limit 1
      );
      continue;
    end if;
    if v_job.cancel_requested_at is not null then
      v_cancelled := v_cancelled || jsonb_build_object(
        'job_id', v_job.id, 'claim_id', v_job.claim_id, 'usage', v_given.usage
      );
      continue;
    end if;

    v_is_requesting := false;
    v_refusal := null;
    begin
      v_outcome := supajobs.store_outcome(v_job, v_given.result, v_given.plan, v_given.store);
      if v_outcome ->> 'plan_id' is not null then
        update public.plan_generation_jobs set plan_id = (v_outcome ->> 'plan_id')::uuid
        where id = v_job.id;
      end if;
      if v_given."then" is not null then
        v_is_requesting := true;
        -- It completes with this: what follows may have its dedupe key, and it stands for none.
        update public.plan_generation_jobs
        set dedupe_key = supajobs.dedupe_key_of(v_job) || ':handed on:' || id
        where id = v_job.id and dedupe_key is not null;
        v_refusal := supajobs.request_follow_ups(v_job, v_given."then");
        if v_refusal is not null then
          raise exception using message = 'What is stored by now is to be undone.';
        end if;
      end if;
      v_stored := v_stored || (
        jsonb_build_object('job_id', v_job.id, 'claim_id', v_job.claim_id, 'usage', v_given.usage)
        || v_outcome
      );
    exception when query_canceled or assert_failure or others then
      get stacked diagnostics
        v_state = returned_sqlstate,
        v_message = message_text,
        v_detail = pg_exception_detail,
        v_hint = pg_exception_hint,
        v_context = pg_exception_context;
      -- Somebody has what it needs, or was faster each time: busy.
      continue when v_is_requesting and v_state in ('55P03', 'PT503');
      if v_given.plan is not null and not v_is_requesting then
        raise; -- as ever: who hands in plans is told so by the call
      end if;
      v_failed := v_failed || (
        jsonb_build_object('job_id', v_job.id, 'claim_id', v_job.claim_id, 'usage', v_given.usage)
        || coalesce(
          v_refusal,
          supajobs.describe_failed_store(v_state, v_message, v_detail, v_hint, v_context)
        )
        || case
          when v_is_requesting then supajobs.tell_refused_follow_up()
          else '{}'
        end
      );
      -- A statement times out but once: nothing bounds what would come now.
      exit when v_state = '57014';
    end;
  end loop;

  v_answers := public.complete_plan_jobs(to_jsonb(v_stored));
  if
    exists (
      select from json_array_elements(v_answers) as answer
      where answer ->> 'outcome' <> 'completed'
    )
  then
    raise sqlstate 'PT409' using
      message = 'A function that was to store what a job came to has changed that job.',
      detail = 'store_changed_job',
      hint = 'See to it that no plan_job_types.stored_by touches plan_generation_jobs.';
  end if;
  return (
    select coalesce(json_agg(answer), '[]')
    from (
      select json_array_elements(p_answers) as answer
      union all
      select json_array_elements(v_answers)
      union all
      select json_array_elements(public.complete_plan_jobs(to_jsonb(v_cancelled)))
      union all
      select json_array_elements(supajobs.stop_attempts(to_jsonb(v_failed), p_unburned => false))
      union all
      select unnest(v_repeated)
    ) as told
  );
end
$$;

-- Ends attempts without a result: as failures, or given back. What is given back (p_unburned)
-- counts as neither error nor crash, and keeps its turn, unless that is below the entry by now.
create function supajobs.stop_attempts(p_jobs jsonb, p_unburned boolean) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_answers json;
  v_ended supajobs.ended_attempt[];
begin
  with given as (
    select * from jsonb_to_recordset(p_jobs) as given (
      job_id uuid, claim_id uuid, error jsonb, retryable boolean, retry_after double precision,
      not_before double precision, usage jsonb, cause jsonb
    )
    where
      given.usage is null
      or supajobs.try_lock_user_of(given.job_id)
  ),

  held as (
    select
      job.id,
      given.usage,
      given.cause,
      case
        when job.cancel_requested_at is not null then 'cancelled'
        when p_unburned then 'released'
        when coalesce(given.retryable, true) and job.retry_count < job.max_retries then 'retrying'
        else 'failed'
      end as outcome,
      case when not p_unburned then coalesce(
        given.error, '{"code": "unknown", "message": "The job failed without saying why."}'
      ) end as error,
      v_now + make_interval(
        secs => greatest(0, least(7 * 86400, coalesce(
          given.retry_after,
          greatest(
            given.not_before,
            random() * least(
              job.backoff_cap_seconds, job.backoff_base_seconds * power(2, job.retry_count)
            )
          )
        )))
      ) as retry_at
    from public.plan_generation_jobs as job
    inner join given on job.id = given.job_id and job.claim_id = given.claim_id
    where
      job.id = any(array(select given.job_id from given))
      and job.status = 'processing'
    for no key update of job skip locked
  ),

  ended as (
    update public.plan_generation_jobs as job
    set
      status = case
        when held.outcome in ('retrying', 'released') then 'pending' else held.outcome
      end,
      retry_count = job.retry_count + case held.outcome when 'retrying' then 1 else 0 end,
      run_at = case held.outcome when 'retrying' then held.retry_at else job.run_at end,
      turn = case
        when p_unburned then greatest(job.turn, (
          select max(lane.entry) from supajobs.lanes as lane
          where lane.job_type = job.job_type and lane.priority = job.priority
        ))
      end,
      error = case
        when p_unburned then job.error
        when held.outcome <> 'cancelled' then held.error
      end,
      progress = null,
      lease_expires_at = null,
      completed_at = case when held.outcome in ('failed', 'cancelled') then v_now end,
      expires_at = case
        when held.outcome in ('failed', 'cancelled')
          then v_now + make_interval(hours => job.ttl_hours)
      end,
      updated_at = v_now
    from held
    where job.id = held.id
    returning
      job.id, job.claim_id, job.user_id, job.job_type, job.worker_id, job.started_at,
      job.has_provider_key, held.outcome, held.usage, held.cause,
      held.error,
      case held.outcome when 'retrying' then held.retry_at end as retry_at
  )

  select
    coalesce(
      json_agg(
        json_strip_nulls(
          json_build_object(
            'job_id', id, 'claim_id', claim_id, 'outcome', outcome, 'run_at', retry_at
          )
        )
      ),
      '[]'
    ),
    array_agg(
      (
        id, claim_id, user_id, job_type, worker_id, outcome, error, started_at, v_now, retry_at,
        usage, has_provider_key, cause
      )::supajobs.ended_attempt
    )
  into v_answers, v_ended
  from ended;

  return supajobs.finish_settles(
    p_jobs,
    v_answers,
    v_ended,
    array['cancelled'] || case
      when p_unburned then array['released'] else array['retrying', 'failed']
    end
  );
end
$$;

-- Ends attempts badly: a job waits for its next try, or has failed. [{job_id, claim_id, error,
-- retryable?, retry_after?, not_before?, usage?, cause?}]. The error is for the user. The cause is
-- for the people who run the queue: {exception, message, frames, cause}, 16 kB at most.
--
-- The wait is random between 0 and min(cap, base * 2^retries so far): with the defaults up to 5,
-- 10, 20, 40 … 900 seconds. Full jitter keeps jobs that failed together from coming back together.
-- It is no less than not_before seconds, where somebody asked for them (a provider's Retry-After),
-- and just retry_after seconds where the handler knows better; a week at most.
--
-- Outcomes: retrying + run_at | failed | cancelled | stale | busy.
create function public.fail_plan_jobs(p_jobs jsonb) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  return supajobs.stop_attempts(p_jobs, p_unburned => false);
end
$$;

-- Gives jobs back unburned (shutdown, time budget): [{job_id, claim_id, usage?}].
-- Outcomes: released | cancelled | stale | busy.
create function public.release_plan_jobs(p_jobs jsonb) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  return supajobs.stop_attempts(p_jobs, p_unburned => true);
end
$$;

-- Ends attempts that wait: [{job_id, claim_id, kind, name?, seconds, usage?}]. The kinds: sleep for
-- a time, signal until somebody sends it or the time is over, and snooze, which has no name and
-- begins anew each time. 366 days at most. It counts as neither error nor crash.
--
-- Outcomes: suspended + run_at | cancelled | stale | busy. A job is due at once whose wait is over,
-- or whose signal is there.
create function public.suspend_plan_jobs(p_jobs jsonb) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz;
  v_held uuid[];
  v_answers json;
  v_ended supajobs.ended_attempt[];
begin
  -- Locked by a statement of their own: what was signalled until then, those that follow see.
  with given as (
    select * from jsonb_to_recordset(p_jobs) as given (job_id uuid, claim_id uuid, usage jsonb)
    where given.usage is null or supajobs.try_lock_user_of(given.job_id)
  ),

  held as (
    select job.id
    from public.plan_generation_jobs as job
    inner join given on job.id = given.job_id and job.claim_id = given.claim_id
    where
      job.id = any(array(select given.job_id from given))
      and job.status = 'processing'
    for no key update of job skip locked
  )

  select coalesce(array_agg(held.id), '{}') into v_held from held;
  v_now := clock_timestamp();

  insert into supajobs.waits (job_id, name, kind, until)
  select
    given.job_id, given.name, given.kind, v_now + supajobs.waiting_time(given.seconds)
  from jsonb_to_recordset(p_jobs) as given (
    job_id uuid, claim_id uuid, kind text, name text, seconds double precision
  )
  inner join public.plan_generation_jobs as job
    on given.job_id = job.id and given.claim_id = job.claim_id
  where job.id = any(v_held) and given.name is not null
  on conflict do nothing;

  with given as (
    select * from jsonb_to_recordset(p_jobs) as given (
      job_id uuid, claim_id uuid, kind text, name text, seconds double precision, usage jsonb
    )
  ),

  due as (
    select
      given.job_id,
      given.claim_id,
      given.name,
      given.usage,
      case
        when given.kind = 'signal' and signal.job_id is not null then v_now
        else greatest(v_now, coalesce(wait.until, v_now + supajobs.waiting_time(given.seconds)))
      end as run_at
    from given
    left join supajobs.waits as wait
      on given.job_id = wait.job_id and given.name = wait.name
    left join supajobs.signals as signal
      on given.job_id = signal.job_id and given.name = signal.name
    where given.job_id = any(v_held)
  ),

  ended as (
    update public.plan_generation_jobs as job
    set
      status = case when job.cancel_requested_at is null then 'pending' else 'cancelled' end,
      run_at = case when job.cancel_requested_at is null then due.run_at else job.run_at end,
      turn = null,
      waiting_for = case
        when job.cancel_requested_at is null and due.run_at > v_now then due.name
      end,
      has_steps = job.has_steps or due.name is not null,
      progress = null,
      lease_expires_at = null,
      completed_at = case when job.cancel_requested_at is not null then v_now end,
      expires_at = case
        when job.cancel_requested_at is not null
          then v_now + make_interval(hours => job.ttl_hours)
      end,
      updated_at = v_now
    from due
    where job.id = any(v_held) and job.id = due.job_id and job.claim_id = due.claim_id
    returning
      job.id, job.claim_id, job.user_id, job.job_type, job.worker_id, job.started_at,
      job.has_provider_key, due.usage,
      case job.status when 'pending' then 'suspended' else 'cancelled' end as outcome,
      case job.status when 'pending' then job.run_at end as retry_at
  )

  select
    coalesce(
      json_agg(
        json_strip_nulls(
          json_build_object(
            'job_id', id, 'claim_id', claim_id, 'outcome', outcome, 'run_at', retry_at
          )
        )
      ),
      '[]'
    ),
    array_agg(
      (
        id, claim_id, user_id, job_type, worker_id, outcome, null, started_at, v_now, retry_at,
        usage, has_provider_key, null
      )::supajobs.ended_attempt
    )
  into v_answers, v_ended
  from ended;

  return supajobs.finish_settles(p_jobs, v_answers, v_ended, array['suspended', 'cancelled']);
end
$$;

revoke all on function
public.complete_plan_jobs,
public.fail_plan_jobs,
public.release_plan_jobs,
public.suspend_plan_jobs
from public, anon, authenticated;
grant execute on function
public.complete_plan_jobs,
public.fail_plan_jobs,
public.release_plan_jobs,
public.suspend_plan_jobs
to service_role;


-- 14_sweep.sql

-- Housekeeping, which runs inside claims: takes jobs away from workers that went silent, moves the
-- floors of the lanes up, and forgets old starts. It never makes a claim wait, and never fails one:
-- what it cannot take back stays as it is, and check_plan_queue tells of it.
--
-- A table without an index on lease_expires_at is swept by reading all that runs, so each of the
-- two rests the longer the longer it took (while somebody holds an old snapshot it must read all
-- that has run since), a thousand times as long: at most once a second for the whole fleet, at
-- least once in ten. Where more leases are lost than one sweep takes, the next claim goes on.

create table supajobs.sweeps (
  name text primary key,
  swept_at timestamptz not null default '-infinity',
  pause interval not null default '1 second',
  stuck uuid[] not null default '{}',

  constraint sweeps_name_known check (name in ('leases', 'lanes'))
);
comment on table supajobs.sweeps is 'When each was last done, and how long it rests since.';
comment on column supajobs.sweeps.stuck is
'Jobs that could not be taken back, and are left alone until all others are.';
insert into supajobs.sweeps (name) values ('leases'), ('lanes');

-- Takes jobs from their workers. Each runs again at once, unless its cancellation was asked for or
-- it has lost its last lease; its attempt gets the usage of the steps that were saved in it, as
-- what it had spent since the last of them nobody knows.
create function supajobs.take_back_jobs(p_job_ids uuid[], p_now timestamptz) returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_ended supajobs.ended_attempt[];
begin
  with lost as (
    select
      job.id,
      case
        when job.cancel_requested_at is not null then 'cancelled'
        when job.crash_count + 1 < job.max_crashes then 'pending'
        else 'failed'
      end as next_status
    from public.plan_generation_jobs as job
    where job.id = any(p_job_ids)
  ),

  swept as (
    update public.plan_generation_jobs as job
    set
      status = lost.next_status,
      crash_count = job.crash_count + 1,
      lease_expires_at = null,
      lease_lost_at = p_now,
      progress = null,
      error = case lost.next_status
        when 'failed' then jsonb_build_object(
          'code', 'worker_lost',
          'message', 'The job was stopped: its workers went silent too many times.'
        )
        else job.error
      end,
      completed_at = case when lost.next_status <> 'pending' then p_now end,
      expires_at = case
        when lost.next_status <> 'pending' then p_now + make_interval(hours => job.ttl_hours)
      end,
      updated_at = p_now
    from lost
    where job.id = lost.id
    returning job.*
  )

  select
    array_agg(
      (
        swept.id, swept.claim_id, swept.user_id, swept.job_type, swept.worker_id,
        case swept.status when 'cancelled' then 'cancelled' else 'crashed' end, null,
        swept.started_at, p_now, null,
        case
          when swept.has_steps
            then supajobs.sum_steps(swept.id, swept.claim_id, swept.started_at)
        end,
        swept.has_provider_key, null
      )::supajobs.ended_attempt
    ) into v_ended
  from swept;
  perform supajobs.record_attempts(v_ended);
end
$$;

-- Takes up to p_max_rows jobs back whose lease is over; answers their number.
create function supajobs.sweep_leases(p_max_rows integer) returns integer
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_lost uuid[];
  v_job_id uuid;
  v_known uuid[];
  v_stuck uuid[] := '{}';
begin
  -- Whoever finds the row taken leaves the sweep to its holder: no claim waits for it.
  select stuck into v_known from supajobs.sweeps
  where name = 'leases' and swept_at < v_now - pause
  for update skip locked;
  if not found then
    return 0;
  end if;

  v_lost := array(
    select job.id from public.plan_generation_jobs as job
    where
      job.status = 'processing'
      and job.lease_expires_at < v_now
      and job.id <> all(v_known)
      -- What its steps have cost goes into the ledger. Of a user who is being deleted, nothing.
      and (not job.has_steps or supajobs.try_lock_user(job.user_id))
    limit p_max_rows
    for update skip locked
  );
  if v_lost <> '{}' then
    begin
      perform supajobs.take_back_jobs(v_lost, v_now);
    exception when others then
      -- One of them cannot be taken back: it alone stays.
      foreach v_job_id in array v_lost loop
        begin
          perform supajobs.take_back_jobs(array[v_job_id], v_now);
        exception when others then
          v_stuck := v_stuck || v_job_id;
          raise warning 'supajobs: job % cannot be taken back: %', v_job_id, sqlerrm;
        end;
      end loop;
    end;
  end if;

  update supajobs.sweeps
  set
    swept_at = v_now,
    pause = case
      -- There may be more of them.
      when cardinality(v_lost) = p_max_rows then '0 s'
      else least('10 s', greatest('1 s', 1000 * (clock_timestamp() - v_now)))
    end,
    stuck = case when cardinality(v_lost) = p_max_rows then v_known || v_stuck else '{}' end
  where name = 'leases';
  return cardinality(v_lost) - cardinality(v_stuck);
end
$$;

-- Lets no claim pass over a job that is on its way: moves the entry of a lane, where new jobs come
-- in, to the first job that it sees, and the floor, where claims begin to look, only to where the
-- entry was already. What still comes in below has been on its way since before the sweep before,
-- for more than a second. Claims read what has gone since two sweeps.
--
-- Where the sweep before took long, it moves the entry of an empty lane, too: with no first job in
-- line it would stay, all jobs to come would have the same turn, and under an old snapshot each
-- claim would read all that had gone before. The step is far beyond any turn given.
create function supajobs.sweep_lanes() returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_was_slow boolean;
begin
  select pause > interval '1 second' into v_was_slow
  from supajobs.sweeps
  where name = 'lanes' and swept_at < v_now - pause
  for update skip locked;
  if not found then
    return;
  end if;

  begin
    delete from supajobs.starts where started_at <= v_now - interval '1 minute';
    update supajobs.news set is_stuck = false where is_stuck;

    delete from supajobs.lanes as twin
    using supajobs.lanes as older
    where
      twin.job_type = older.job_type
      and twin.priority = older.priority
      and twin.id > older.id;

    update supajobs.lanes as lane
    set floor = moved.floor, entry = moved.entry
    from (
      select
        lane.id,
        least(lane.entry, head.turn) as floor,
        greatest(
          lane.entry,
          head.turn,
          case when v_was_slow and head.turn is null then lane.entry + 1000000 end
        ) as entry
      from supajobs.lanes as lane
      left join lateral (
        select job.turn from public.plan_generation_jobs as job
        where
          job.status = 'pending'
          and job.job_type = lane.job_type
          and job.priority = lane.priority
          and job.turn is not null
        order by job.turn, job.id
        limit 1
      ) as head on true
    ) as moved
    where
      lane.id = moved.id
      and (lane.floor, lane.entry) <> (moved.floor, moved.entry);
  exception when others then
    raise warning 'supajobs: the lanes are not moved on: %', sqlerrm;
  end;

  update supajobs.sweeps
  set
    swept_at = v_now,
    pause = least('10 s', greatest('1 s', 1000 * (clock_timestamp() - v_now)))
  where name = 'lanes';
end
$$;

-- Does what of the two is due; answers the number of jobs taken back.
create function supajobs.sweep(p_max_rows integer default 100) returns integer
language plpgsql
volatile
set search_path = ''
set lock_timeout = '100ms' -- what somebody has edited, and not committed, waits for the next one
as $$
declare
  v_swept integer := supajobs.sweep_leases(p_max_rows);
begin
  perform supajobs.sweep_lanes();
  return v_swept;
end
$$;


-- 15_requests.sql

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


-- 16_pauses.sql

-- Pausing a job type, or all of them. A pause is the limit that a claim honours anyway,
-- max_running = 0, with the limit before it kept aside: a queue that is not paused pays nothing.

-- The types that a call concerns, locked in one order, so that no two calls wait for each
-- other.
create function supajobs.lock_job_types(p_job_type text) returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform from public.plan_job_types
  where p_job_type is null or job_type = p_job_type
  order by job_type
  for no key update;
  if not found and p_job_type is not null then
    raise sqlstate 'PT422' using
      message = format('There is no job type "%s".', p_job_type),
      detail = 'unknown_job_type',
      hint = 'select job_type from plan_job_types;';
  end if;
end
$$;

-- Holds jobs of a type back; without one, of all types that plan_job_types has now. A type that is
-- added later, and jobs whose type was deleted there, are not held: pause again after adding one.
-- What runs goes on to its end, requests are accepted, and check_plan_queue does not count what
-- waits. Answers {outcome: paused, job_types: [those that are now paused by this call, or were
-- before]}.
create function public.pause_plan_jobs(p_job_type text default null) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform supajobs.lock_job_types(p_job_type);

  -- Whoever sets max_running in a pause has ended it; so this one begins anew.
  update public.plan_job_types
  set paused_at = clock_timestamp(), paused_max_running = max_running, max_running = 0
  where
    (p_job_type is null or job_type = p_job_type)
    and (paused_at is null or max_running is distinct from 0);

  return json_build_object(
    'outcome', 'paused',
    'job_types', (
      select coalesce(json_agg(type.job_type order by type.job_type), '[]')
      from public.plan_job_types as type
      where p_job_type is null or type.job_type = p_job_type
    )
  );
end
$$;

-- Ends the pause of a type, or all pauses. The limit is again what it was before, or, if somebody
-- has set it in the meantime, stays what they made it. Jobs start with the next claim: a processor
-- that waits for its trigger makes one within a period of the schedule.
-- Answers {outcome: resumed, job_types: [those that were paused]}.
create function public.resume_plan_jobs(p_job_type text default null) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_resumed text[];
begin
  perform supajobs.lock_job_types(p_job_type);

  with resumed as (
    update public.plan_job_types
    set
      max_running = case max_running when 0 then paused_max_running else max_running end,
      paused_at = null,
      paused_max_running = null
    where (p_job_type is null or job_type = p_job_type) and paused_at is not null
    returning job_type
  )

  select array_agg(resumed.job_type order by resumed.job_type) into v_resumed from resumed;
  return json_build_object('outcome', 'resumed', 'job_types', coalesce(v_resumed, '{}'));
end
$$;

revoke all on function
public.pause_plan_jobs,
public.resume_plan_jobs
from public, anon, authenticated;
grant execute on function
public.pause_plan_jobs,
public.resume_plan_jobs
to service_role;


-- 17_cleanup.sql

-- Deletes finished jobs whose time to live is over, the oldest first: a thousand at a time, until
-- there are none, p_max_rows are deleted, or p_seconds are over. Their attempts and steps go with
-- them; plans stay. One whose result a job is to read that waits for it stays as long. The hours
-- they have ended in are counted before, as many as half of p_seconds does for. Answers
-- {"deleted": n}.

create function public.cleanup_expired_plan_jobs(
  p_max_rows integer default null, p_seconds double precision default 5
) returns jsonb
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_until timestamptz := clock_timestamp() + make_interval(secs => p_seconds);
  v_batch integer;
  v_in_batch integer;
  v_deleted integer := 0;
begin
  perform supajobs.count_past_hours(168, p_seconds / 2);
  loop
    v_batch := least(1000, p_max_rows - v_deleted);
    delete from public.plan_generation_jobs
    where id = any(array(
      select job.id
      from public.plan_generation_jobs as job
      where
        job.expires_at <= now()
        and not (job.has_ties and supajobs.is_waited_for(job.id))
      order by job.expires_at
      limit v_batch
      for update skip locked
    ));
    get diagnostics v_in_batch = row_count;
    v_deleted := v_deleted + v_in_batch;
    exit when v_in_batch < 1000 or v_deleted >= p_max_rows or clock_timestamp() >= v_until;
  end loop;

  delete from supajobs.retries where retried_at < now() - interval '1 hour';
  return jsonb_build_object('deleted', v_deleted);
end
$$;

revoke all on function public.cleanup_expired_plan_jobs from public, anon, authenticated;
grant execute on function public.cleanup_expired_plan_jobs to service_role;


-- 18_single_jobs.sql

-- The calls for one job: for the SQL editor, for scripts, and for workers in other languages that
-- run one job at a time. Each is a batch of one. Who is told busy asks again after a moment, for as
-- long as heartbeats hold the job.

-- Makes the claim id itself, so it cannot be repeated: a lost answer costs the job one lease.
create function public.claim_next_plan_job(p_worker_id text) returns json
language sql
volatile
set search_path = ''
as $$
  select public.claim_plan_jobs(gen_random_uuid(), p_worker_id) -> 0
$$;

create function public.complete_plan_job(
  p_job_id uuid,
  p_claim_id uuid,
  p_result jsonb default null,
  p_plan jsonb default null,
  p_usage jsonb default null,
  p_store jsonb default null,
  p_then jsonb default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  return public.complete_plan_jobs(
    jsonb_build_array(
      jsonb_build_object(
        'job_id', p_job_id,
        'claim_id', p_claim_id,
        'result', p_result,
        'plan', p_plan,
        'usage', p_usage,
        'store', p_store,
        'then', p_then
      )
    )
  ) -> 0;
end
$$;

create function public.fail_plan_job(
  p_job_id uuid,
  p_claim_id uuid,
  p_error jsonb,
  p_retryable boolean default true,
  p_retry_after double precision default null,
  p_usage jsonb default null,
  p_cause jsonb default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  return public.fail_plan_jobs(
    jsonb_build_array(
      jsonb_build_object(
        'job_id', p_job_id,
        'claim_id', p_claim_id,
        'error', p_error,
        'retryable', p_retryable,
        'retry_after', p_retry_after,
        'usage', p_usage,
        'cause', p_cause
      )
    )
  ) -> 0;
end
$$;

create function public.release_plan_job(
  p_job_id uuid, p_claim_id uuid, p_usage jsonb default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  return public.release_plan_jobs(
    jsonb_build_array(
      jsonb_build_object('job_id', p_job_id, 'claim_id', p_claim_id, 'usage', p_usage)
    )
  ) -> 0;
end
$$;

revoke all on function
public.claim_next_plan_job,
public.complete_plan_job,
public.fail_plan_job,
public.release_plan_job
from public, anon, authenticated;
grant execute on function
public.claim_next_plan_job,
public.complete_plan_job,
public.fail_plan_job,
public.release_plan_job
to service_role;


-- 19_schedules.sql

-- Recurring jobs. The occurrences of a schedule are jobs: each comes in by enqueue_plan_job, for
-- which it is a request like any other.
--
-- When the next ones are due is computed outside, from cron and time zone or from the interval
-- (src/supajobs/schedules.py), and is stored here. What is due is decided by this database's clock:
-- any processor asks for it (get_due_plan_job_schedules) and takes it (run_plan_job_schedules).

create table public.plan_job_schedules (
  id uuid primary key default supajobs.new_id(),
  user_id uuid references auth.users (id) on delete cascade,
  job_type text not null,
  name text not null,
  cron text,
  time_zone text,
  interval_seconds integer,
  params jsonb not null default '{}',
  priority smallint not null default 5,
  project_id uuid,
  ttl_hours smallint,
  starts_at timestamptz not null default now(),
  ends_at timestamptz,
  paused_at timestamptz,
  overlap text not null default 'skip',
  catch_up text not null default 'one',
  next_run_at timestamptz,
  period_seconds integer not null,
  last_job_id uuid,
  last_run_at timestamptz,
  last_outcome text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint plan_job_schedules_cron_or_interval check (
    num_nonnulls(cron, interval_seconds) = 1 and (cron is null) = (time_zone is null)
  ),
  constraint plan_job_schedules_interval_in_range check (
    interval_seconds between 60 and 31622400
  ),
  constraint plan_job_schedules_period_in_range check (period_seconds >= 1),
  -- Nor infinite: whoever computes the next times could not read it, and no other one beside it.
  constraint plan_job_schedules_times_in_range check (
    starts_at between '2000-01-01Z' and '2200-01-01Z'
    and ends_at between '2000-01-01Z' and '2200-01-01Z'
    and next_run_at between '2000-01-01Z' and '2200-01-01Z'
    and paused_at between '2000-01-01Z' and '2200-01-01Z'
    and last_run_at between '2000-01-01Z' and '2200-01-01Z'
  ),
  constraint plan_job_schedules_name_in_range check (length(name) between 1 and 100),
  constraint plan_job_schedules_priority_in_range check (priority between 0 and 10),
  constraint plan_job_schedules_ttl_in_range check (ttl_hours between 1 and 168),
  constraint plan_job_schedules_params_an_object check (jsonb_typeof(params) = 'object'),
  constraint plan_job_schedules_overlap_known check (overlap in ('skip', 'queue')),
  constraint plan_job_schedules_catch_up_known check (catch_up in ('none', 'one', 'all')),
  -- Those that are caught up with come at once: of all, each but the first would be skipped.
  constraint plan_job_schedules_all_are_queued check (catch_up <> 'all' or overlap = 'queue')
)
-- Room for the next version of each row, which every occurrence makes.
with (fillfactor = 70);
comment on table public.plan_job_schedules is
'Recurring jobs: what to enqueue, and when it is due next.';
comment on column public.plan_job_schedules.user_id is
'Whose jobs they are; null for jobs of the system.';
comment on column public.plan_job_schedules.name is
'What its owner knows it by: one schedule of each name.';
comment on column public.plan_job_schedules.cron is
'Minute, hour, day of month, month, day of week, in the local time of time_zone.';
comment on column public.plan_job_schedules.interval_seconds is
'Counted from starts_at.';
comment on column public.plan_job_schedules.params is
'Of each job. Where scheduled_for is null in it, a job gets the time of its occurrence there; where
time_zone is, that of the schedule.';
comment on column public.plan_job_schedules.overlap is
'While the last job is pending or processing: skip the next occurrence, or queue it all the same.';
comment on column public.plan_job_schedules.catch_up is
'Of the occurrences that were missed, while nobody looked: run none, the latest one, or all (24 at
a time, which come at once: only where overlap is queue).';
comment on column public.plan_job_schedules.next_run_at is
'When it is due; null: it has ended.';
comment on column public.plan_job_schedules.period_seconds is
'From the next occurrence to the one after it.';
comment on column public.plan_job_schedules.last_outcome is
'Of the last occurrence: created, existing, skipped, missed, or the code of what refused the job.';

create unique index plan_job_schedules_one_per_name
on public.plan_job_schedules (user_id, name) nulls not distinct;
create index plan_job_schedules_by_user
on public.plan_job_schedules (user_id, id);
create index plan_job_schedules_due
on public.plan_job_schedules (next_run_at)
where paused_at is null and next_run_at is not null;

alter table public.plan_job_schedules enable row level security;
create policy plan_job_schedules_read_by_owner
on public.plan_job_schedules for select to authenticated
using ((select auth.uid()) = user_id);
revoke all on table public.plan_job_schedules from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.plan_job_schedules to service_role;
grant select (
  id, user_id, job_type, name, cron, time_zone, interval_seconds, params, priority, project_id,
  ttl_hours, starts_at, ends_at, paused_at, overlap, catch_up, next_run_at, last_job_id,
  last_run_at, last_outcome, created_at, updated_at
) on table public.plan_job_schedules to authenticated;

-- A schedule as its owner sees it: the columns granted above.
create function supajobs.describe_schedule(p_schedule public.plan_job_schedules) returns json
language sql
stable
set search_path = ''
as $$
  select (to_jsonb(p_schedule) - 'period_seconds')::json
$$;

-- Refuses what no job of the schedule could be.
create function supajobs.check_schedule(p_schedule public.plan_job_schedules) returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  v_type public.plan_job_types;
begin
  select * into v_type from public.plan_job_types where job_type = p_schedule.job_type;
  if not found then
    raise sqlstate 'PT422' using
      message = format('There is no job type "%s".', p_schedule.job_type),
      detail = 'unknown_job_type',
      hint = 'Add a row for it to plan_job_types.';
  end if;
  if v_type.dedupe_by = 'project' and p_schedule.project_id is null then
    raise sqlstate 'PT422' using
      message = format('Jobs of type "%s" belong to a project.', p_schedule.job_type),
      detail = 'project_required',
      hint = 'Send project_id.';
  end if;
  if p_schedule.priority not between 0 and 10 or p_schedule.ttl_hours not between 1 and 168 then
    raise sqlstate 'PT422' using
      message = 'The priority lies between 0 and 10, the time to live between 1 and 168 hours.',
      detail = 'out_of_range',
      hint = 'Leave them out for the defaults of the job type.';
  end if;
  if
    p_schedule.starts_at not between '2000-01-01Z' and '2200-01-01Z'
    or p_schedule.ends_at not between '2000-01-01Z' and '2200-01-01Z'
    or p_schedule.next_run_at not between '2000-01-01Z' and '2200-01-01Z'
  then
    raise sqlstate 'PT422' using
      message = 'A schedule begins, runs and ends between the years 2000 and 2200.',
      detail = 'out_of_range',
      hint = 'Leave ends_at out for one without an end.';
  end if;
  if p_schedule.catch_up = 'all' and p_schedule.overlap = 'skip' then
    raise sqlstate 'PT422' using
      message = 'All that were missed come at once, and each but the first would be skipped.',
      detail = 'all_would_be_skipped',
      hint = 'With catch_up "all", send overlap "queue".';
  end if;
  if jsonb_typeof(p_schedule.params) <> 'object' then
    raise sqlstate 'PT422' using
      message = 'The params of a job are a JSON object.',
      detail = 'params_not_an_object',
      hint = 'Send {} for none.';
  end if;
end
$$;

-- Makes a schedule of these columns: {job_type, name, cron and time_zone or interval_seconds,
-- next_run_at, period_seconds, and others as they are wanted}. An interval without starts_at counts
-- from one interval before its first occurrence.
--
-- Outcomes: created | existing (it is there already, just so) | name_taken (by another one of its
-- owner, which is answered) | too_many (a user has p_max_schedules; the system has any number).
create function public.create_plan_job_schedule(
  p_user_id uuid, p_schedule jsonb, p_max_schedules integer default 100
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_new public.plan_job_schedules := jsonb_populate_record(
    null::public.plan_job_schedules,
    '{"params": {}, "priority": 5, "overlap": "skip", "catch_up": "one"}' || p_schedule
  );
  v_made public.plan_job_schedules;
  v_known public.plan_job_schedules;
  v_of_its_own text[] := '{id, user_id, paused_at, next_run_at, period_seconds, last_job_id,
    last_run_at, last_outcome, created_at, updated_at}';
begin
  perform supajobs.check_schedule(v_new);
  if p_user_id is not null then
    -- Counting and inserting are one step for each user.
    perform pg_advisory_xact_lock(hashtextextended(p_user_id::text || ':schedules', 0));
  end if;

  insert into public.plan_job_schedules (
    user_id, job_type, name, cron, time_zone, interval_seconds, params, priority, project_id,
    ttl_hours, starts_at, ends_at, overlap, catch_up, next_run_at, period_seconds
  )
  select
    p_user_id, v_new.job_type, v_new.name, v_new.cron, v_new.time_zone, v_new.interval_seconds,
    v_new.params, v_new.priority, v_new.project_id, v_new.ttl_hours,
    coalesce(
      v_new.starts_at, v_new.next_run_at - make_interval(secs => v_new.interval_seconds), now()
    ),
    v_new.ends_at, v_new.overlap, v_new.catch_up, v_new.next_run_at, v_new.period_seconds
  where
    v_new.next_run_at is not null
    and (
      p_user_id is null
      or p_max_schedules > (
        select count(*) from public.plan_job_schedules as mine where mine.user_id = p_user_id
      )
    )
  on conflict do nothing
  returning * into v_made;
  if found then
    return json_build_object('outcome', 'created', 'schedule', supajobs.describe_schedule(v_made));
  end if;

  select * into v_known from public.plan_job_schedules
  where user_id is not distinct from p_user_id and name = v_new.name;
  if not found then
    return '{"outcome": "too_many"}';
  end if;
  v_new.starts_at := coalesce(v_new.starts_at, v_known.starts_at);
  return json_build_object(
    'outcome', case to_jsonb(v_new) - v_of_its_own
      when to_jsonb(v_known) - v_of_its_own then 'existing'
      else 'name_taken'
    end,
    'schedule', supajobs.describe_schedule(v_known)
  );
end
$$;

-- Changes a schedule of a user: p_changes has the columns that are to be other, and is_paused. Who
-- changes when it runs, or resumes it, gives the next_run_at and the period_seconds that follow.
-- Outcomes: updated | not_found | name_taken.
create function public.update_plan_job_schedule(
  p_schedule_id uuid, p_user_id uuid, p_changes jsonb
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_schedule public.plan_job_schedules;
begin
  select * into v_schedule from public.plan_job_schedules
  where id = p_schedule_id and user_id is not distinct from p_user_id
  for no key update;
  if not found then
    return '{"outcome": "not_found"}';
  end if;

  v_schedule := jsonb_populate_record(v_schedule, p_changes);
  perform supajobs.check_schedule(v_schedule);
  update public.plan_job_schedules
  set
    job_type = v_schedule.job_type,
    name = v_schedule.name,
    cron = v_schedule.cron,
    time_zone = v_schedule.time_zone,
    interval_seconds = v_schedule.interval_seconds,
    params = v_schedule.params,
    priority = v_schedule.priority,
    project_id = v_schedule.project_id,
    ttl_hours = v_schedule.ttl_hours,
    starts_at = v_schedule.starts_at,
    ends_at = v_schedule.ends_at,
    overlap = v_schedule.overlap,
    catch_up = v_schedule.catch_up,
    next_run_at = v_schedule.next_run_at,
    period_seconds = v_schedule.period_seconds,
    paused_at = case (p_changes ->> 'is_paused')::boolean
      when true then coalesce(paused_at, clock_timestamp())
      when false then null
      else paused_at
    end,
    updated_at = clock_timestamp()
  where id = p_schedule_id
  returning * into v_schedule;
  return json_build_object(
    'outcome', 'updated', 'schedule', supajobs.describe_schedule(v_schedule)
  );
exception when unique_violation then
  return '{"outcome": "name_taken"}';
end
$$;

-- Ends a schedule of a user; jobs that came of it stay. Outcomes: deleted | not_found.
create function public.delete_plan_job_schedule(p_schedule_id uuid, p_user_id uuid) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  delete from public.plan_job_schedules
  where id = p_schedule_id and user_id is not distinct from p_user_id;
  return json_build_object('outcome', case when found then 'deleted' else 'not_found' end);
end
$$;

-- What is due, the longest due first, and when the next one is: {now, schedules: [{id, cron,
-- time_zone, interval_seconds, starts_at, ends_at, catch_up, next_run_at, period_seconds}],
-- has_more: whether others are due, next_due_at: when those are that are not due yet}. What
-- somebody takes at this moment is one of the others.
create function public.get_due_plan_job_schedules(
  p_max_rows integer default 100, p_without uuid[] default '{}'
) returns json
language plpgsql
volatile
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_due json;
begin
  with due as (
    select
      schedule.id, schedule.cron, schedule.time_zone, schedule.interval_seconds,
      schedule.starts_at, schedule.ends_at, schedule.catch_up, schedule.next_run_at,
      schedule.period_seconds
    from public.plan_job_schedules as schedule
    where
      schedule.paused_at is null
      and schedule.next_run_at <= v_now
      and schedule.id <> all(p_without)
    order by schedule.next_run_at
    limit p_max_rows
    for no key update skip locked
  )

  select coalesce(json_agg(due), '[]') into v_due from due;
  return json_build_object(
    'now', v_now,
    'schedules', v_due,
    'has_more', exists (
      select from public.plan_job_schedules as schedule
      where
        schedule.paused_at is null
        and schedule.next_run_at <= v_now
        and schedule.id <> all(p_without)
      offset json_array_length(v_due)
    ),
    'next_due_at', (
      select min(schedule.next_run_at) from public.plan_job_schedules as schedule
      where schedule.paused_at is null and schedule.next_run_at > v_now
    )
  );
end
$$;

-- Enqueues one occurrence; its idempotency key makes it one job, whoever asks. Answers {outcome,
-- job_id}: what enqueue_plan_job says, skipped, or the code of what is wrong with such a job. Any
-- other trouble is raised.
create function supajobs.enqueue_occurrence(
  p_schedule public.plan_job_schedules, p_occurrence timestamptz
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_params jsonb := p_schedule.params;
  v_answer json;
  v_detail text;
begin
  if
    p_schedule.overlap = 'skip'
    and exists (
      select from public.plan_generation_jobs as job
      where job.id = p_schedule.last_job_id and job.status in ('pending', 'processing')
    )
  then
    return '{"outcome": "skipped"}';
  end if;

  if v_params -> 'scheduled_for' = 'null' then
    v_params := v_params || jsonb_build_object('scheduled_for', p_occurrence);
  end if;
  if v_params -> 'time_zone' = 'null' then
    v_params := v_params || jsonb_build_object('time_zone', p_schedule.time_zone);
  end if;
  v_answer := public.enqueue_plan_job(
    p_schedule.user_id,
    p_schedule.job_type,
    v_params,
    p_schedule.priority,
    p_idempotency_key => format(
      'schedule:%s:%s',
      p_schedule.id,
      to_char(p_occurrence at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    ),
    p_project_id => p_schedule.project_id,
    p_ttl_hours => p_schedule.ttl_hours
  );
  return json_build_object(
    'outcome', v_answer ->> 'outcome', 'job_id', v_answer #>> '{job, id}'
  );
exception
  when sqlstate 'PT422' then
    get stacked diagnostics v_detail = pg_exception_detail;
    return json_build_object('outcome', v_detail);
  when data_exception or check_violation then
    return json_build_object('outcome', sqlstate);
end
$$;

-- Takes one schedule: enqueues these occurrences, as far as they are due, and moves it on to its
-- next_run_at. The one that is expected fences it: who comes second finds another.
create function supajobs.run_schedule(
  p_schedule_id uuid,
  p_expected_run_at timestamptz,
  p_occurrences timestamptz[],
  p_next_run_at timestamptz,
  p_period_seconds integer
) returns text
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_schedule public.plan_job_schedules;
  v_occurrence timestamptz;
  v_answer json := '{"outcome": "missed"}';
begin
  select * into v_schedule from public.plan_job_schedules where id = p_schedule_id;
  if not found then
    return 'stale';
  end if;
  -- The deletion of a user locks the user first, and then what is theirs.
  if not supajobs.try_lock_user(v_schedule.user_id) then
    return 'busy';
  end if;
  select * into v_schedule from public.plan_job_schedules
  where
    id = p_schedule_id
    and paused_at is null
    and next_run_at = p_expected_run_at
    and next_run_at <= v_now
  for no key update skip locked;
  if not found then
    return 'stale';
  end if;

  foreach v_occurrence in array p_occurrences loop
    if v_occurrence <= v_now then
      v_answer := supajobs.enqueue_occurrence(v_schedule, v_occurrence);
      v_schedule.last_job_id := coalesce((v_answer ->> 'job_id')::uuid, v_schedule.last_job_id);
    end if;
  end loop;

  update public.plan_job_schedules
  set
    next_run_at = p_next_run_at,
    period_seconds = coalesce(p_period_seconds, period_seconds),
    last_job_id = v_schedule.last_job_id,
    last_run_at = v_now,
    last_outcome = v_answer ->> 'outcome'
  where id = p_schedule_id;
  return v_answer ->> 'outcome';
end
$$;

-- Takes schedules that are due: p_runs is [{schedule_id, expected_run_at, occurrences: [those to
-- enqueue], next_run_at (null: it has ended), period_seconds}]. None keeps another one from being
-- taken, whatever is wrong with it.
--
-- Answers [{schedule_id, outcome}]: that of the last occurrence | missed (none was to be enqueued)
-- | stale (somebody else has taken it, or it has changed) | busy (to be taken again).
create function public.run_plan_job_schedules(p_runs jsonb) returns json
language plpgsql
volatile
set search_path = ''
set lock_timeout = '100ms' -- what somebody else has locked is busy; and never a deadlock
as $$
declare
  v_run record;
  v_outcome text;
  v_answers jsonb := '[]';
begin
  for v_run in
    select given.*
    from jsonb_to_recordset(p_runs) as given (
      schedule_id uuid,
      expected_run_at timestamptz,
      occurrences timestamptz[],
      next_run_at timestamptz,
      period_seconds integer
    )
    left join public.plan_job_schedules as schedule on given.schedule_id = schedule.id
    -- Of two calls, none has what the other one waits for: see lock_users.
    order by schedule.user_id nulls first, schedule.job_type, given.schedule_id
  loop
    begin
      v_outcome := supajobs.run_schedule(
        v_run.schedule_id, v_run.expected_run_at, v_run.occurrences, v_run.next_run_at,
        v_run.period_seconds
      );
    exception when others then
      raise warning 'supajobs: schedule % waits: % (%)', v_run.schedule_id, sqlerrm, sqlstate;
      v_outcome := 'busy';
    end;
    v_answers := v_answers
      || jsonb_build_object('schedule_id', v_run.schedule_id, 'outcome', v_outcome);
  end loop;
  return v_answers;
end
$$;

revoke all on function
public.create_plan_job_schedule,
public.update_plan_job_schedule,
public.delete_plan_job_schedule,
public.get_due_plan_job_schedules,
public.run_plan_job_schedules
from public, anon, authenticated;
grant execute on function
public.create_plan_job_schedule,
public.update_plan_job_schedule,
public.delete_plan_job_schedule,
public.get_due_plan_job_schedules,
public.run_plan_job_schedules
to service_role;


-- 20_notifications.sql

-- Who is told, and what. The devices of users are here as push services name them. The end of a job
-- that notifies is written down in the transaction that ends it, once for each end: a repeated
-- settle changes no row, and a job that ends again after a retry has a second end. What is in the
-- outbox is what receivers are told: no params, no result.
--
-- Whether somebody is told, enqueue_plan_job copies from the type, as it copies its limits: the
-- condition of a trigger then decides alone, and the end of a job that tells nobody costs no
-- look-up (it would be 4 µs, a quarter of what a completion in a batch costs).

create table public.plan_push_tokens (
  id uuid primary key default supajobs.new_id(),
  user_id uuid not null references auth.users (id) on delete cascade,
  kind text not null,
  token text not null,
  p256dh text,
  auth text,
  created_at timestamptz not null default now(),
  registered_at timestamptz not null default now(),

  constraint plan_push_tokens_one_per_device unique (token),
  constraint plan_push_tokens_kind_known check (kind in ('expo', 'web')),
  constraint plan_push_tokens_keys_iff_web check (
    (kind = 'web') = (p256dh is not null) and (kind = 'web') = (auth is not null)
  ),
  -- Longer ones do not fit into the index.
  constraint plan_push_tokens_token_in_range check (length(token) between 1 and 2048)
);
comment on table public.plan_push_tokens is
'Devices that show the notifications of their user.';
comment on column public.plan_push_tokens.token is
'An Expo push token, or the endpoint of a Web Push subscription. Who has it can write there.';
comment on column public.plan_push_tokens.p256dh is
'The public key of a Web Push subscription, for which messages are encrypted; auth is its secret.';
comment on column public.plan_push_tokens.registered_at is
'When the device last said that it is there.';
create index plan_push_tokens_by_user on public.plan_push_tokens (user_id, registered_at);
alter table public.plan_push_tokens enable row level security;
create policy plan_push_tokens_read_by_owner
on public.plan_push_tokens for select to authenticated
using ((select auth.uid()) = user_id);
revoke all on table public.plan_push_tokens from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.plan_push_tokens to service_role;
-- A device knows its own token. It need not know those of the user's other devices.
grant select (id, user_id, kind, created_at, registered_at)
on table public.plan_push_tokens to authenticated;

-- Registers a device of a user, or says that it is still there. A device that was another user's
-- is this one's from now on, under a new id: what was addressed to it before does not reach it.
-- A user has 20 devices at most; a further one takes the place of the one that has been silent the
-- longest. Answers {outcome, push_token: {id, kind, created_at}}: created | existing.
create function public.register_plan_push_token(
  p_user_id uuid, p_kind text, p_token text, p_p256dh text default null, p_auth text default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_token public.plan_push_tokens;
begin
  insert into public.plan_push_tokens as known (
    user_id, kind, token, p256dh, auth, created_at, registered_at
  )
  values (p_user_id, p_kind, p_token, p_p256dh, p_auth, v_now, v_now)
  on conflict (token) do update
  set
    id = case when known.user_id = excluded.user_id then known.id else excluded.id end,
    created_at = case
      when known.user_id = excluded.user_id then known.created_at
      else excluded.created_at
    end,
    user_id = excluded.user_id,
    kind = excluded.kind,
    p256dh = excluded.p256dh,
    auth = excluded.auth,
    registered_at = excluded.registered_at
  returning * into v_token;

  delete from public.plan_push_tokens
  where id = any(array(
    select excess.id from public.plan_push_tokens as excess
    where excess.id in (
      select mine.id from public.plan_push_tokens as mine
      where mine.user_id = p_user_id
      order by mine.registered_at desc, mine.id desc
      offset 20
    )
    for update skip locked
  ));

  return json_build_object(
    'outcome', case when v_token.created_at = v_now then 'created' else 'existing' end,
    'push_token', json_build_object(
      'id', v_token.id, 'kind', v_token.kind, 'created_at', v_token.created_at
    )
  );
end
$$;

-- Forgets a device. Outcomes: deleted | not_found (the user has no such device).
create function public.delete_plan_push_token(p_push_token_id uuid, p_user_id uuid) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  delete from public.plan_push_tokens where id = p_push_token_id and user_id = p_user_id;
  return json_build_object('outcome', case when found then 'deleted' else 'not_found' end);
end
$$;

create table public.plan_job_messages (
  job_type text not null references public.plan_job_types (job_type)
  on update cascade on delete cascade,
  event text not null,
  title text not null,
  body text not null,

  primary key (job_type, event),
  constraint plan_job_messages_event_known check (event in ('job.completed', 'job.failed'))
);
comment on table public.plan_job_messages is
'What devices show. {title} is the title in the job''s result, {error} what its user is told of the
failure, {job_type} its type. A text that needs what a job has not is replaced by a general one.';
alter table public.plan_job_messages enable row level security;
create policy plan_job_messages_closed_to_clients on public.plan_job_messages
for all to anon, authenticated using (false);
revoke all on table public.plan_job_messages from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.plan_job_messages to service_role;

-- Without a foreign key to the user: whoever ends a job holds its lock, and the deletion of a user
-- takes the user's before those of the jobs. They go with the jobs or devices of a user who goes.
create table supajobs.notifications (
  id uuid primary key default supajobs.new_id(),
  job_id uuid not null,
  user_id uuid not null,
  job_type text not null,
  event text not null,
  trace_id text,
  project_id uuid,
  plan_id uuid,
  title text,
  error jsonb,
  occurred_at timestamptz not null,
  addressed_at timestamptz,

  constraint notifications_event_known check (event in ('job.completed', 'job.failed'))
);
comment on table supajobs.notifications is
'Ends of jobs that somebody is told of. Receivers know one that they get twice by its id.';
comment on column supajobs.notifications.job_id is
'The job may be deleted before.';
comment on column supajobs.notifications.title is
'The title in the result of the job, if it has one.';
comment on column supajobs.notifications.addressed_at is
'When its deliveries were written.';
create index notifications_unaddressed on supajobs.notifications (id)
where addressed_at is null;
create index notifications_by_user on supajobs.notifications (user_id);

-- Nobody is told of the jobs of a user who is gone.
create function supajobs.delete_notifications() returns trigger
language plpgsql
volatile
security definer -- as a foreign key: whoever deletes a user has no rights here
set search_path = ''
as $$
begin
  delete from supajobs.notifications
  where user_id in (
    select gone.user_id from deleted as gone
    where not exists (select from auth.users as person where person.id = gone.user_id)
  );
  return null;
end
$$;

create trigger plan_generation_jobs_take_notifications_along
after delete on public.plan_generation_jobs
referencing old table as deleted
for each statement execute function supajobs.delete_notifications();
create trigger plan_push_tokens_take_notifications_along
after delete on public.plan_push_tokens
referencing old table as deleted
for each statement execute function supajobs.delete_notifications();

create function supajobs.write_notification() returns trigger
language plpgsql
volatile
set search_path = ''
as $$
begin
  -- A job that the sweep has failed may still be completed by who had it: that is news.
  if old.status = new.status or new.status not in ('completed', 'failed') then
    return null;
  end if;
  insert into supajobs.notifications (
    job_id, user_id, job_type, event, trace_id, project_id, plan_id, title, error, occurred_at
  )
  values (
    new.id, new.user_id, new.job_type, 'job.' || new.status, new.trace_id, new.project_id,
    new.plan_id, left(new.result ->> 'title', 200),
    case
      when new.status = 'failed'
        then jsonb_build_object(
          'code', coalesce(new.error ->> 'code', 'unknown'),
          'message', left(coalesce(new.error ->> 'message', ''), 500)
        )
    end,
    new.completed_at
  );
  return null;
end
$$;

-- The column keeps claims and heartbeats away from the trigger, and its condition, which each
-- statement parses anew, is as short as can be.
create trigger plan_generation_jobs_notify_at_the_end
after update of completed_at on public.plan_generation_jobs
for each row
when (new.notifies)
execute function supajobs.write_notification();

-- Deletes notifications, and with them their deliveries, after three days: two after the last of
-- them was given up. The oldest first, at most p_max_rows at a time. Answers {"deleted": n}.

create function supajobs.cleanup_notifications(
  p_max_rows integer default 1000
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_deleted integer;
begin
  delete from supajobs.notifications
  where id = any(array(
    select old.id from supajobs.notifications as old
    where old.id in (
      select oldest.id
      from (
        -- Ids are in time order, so the oldest are found without an index on the time.
        select notification.id, notification.occurred_at
        from supajobs.notifications as notification
        order by notification.id
        limit p_max_rows
      ) as oldest
      where oldest.occurred_at < now() - interval '3 days'
    )
    for update skip locked
  ));
  get diagnostics v_deleted = row_count;
  return json_build_object('deleted', v_deleted);
end
$$;

revoke all on function
public.register_plan_push_token,
public.delete_plan_push_token
from public, anon, authenticated;
grant execute on function
public.register_plan_push_token,
public.delete_plan_push_token
to service_role;


-- 21_deliveries.sql

-- How notifications reach devices and the webhook: each is addressed once, which writes a delivery
-- for each receiver, and each delivery is claimed, sent and settled by itself. So a receiver that
-- is down keeps no other waiting, and nobody gets again what has been delivered.
--
-- As with jobs, each call may be made twice: a repeated claim with the same claim id is answered
-- with the deliveries that it still holds, a repeated settle with what the first one came to.

create table supajobs.deliveries (
  id uuid primary key default supajobs.new_id(),
  notification_id uuid not null references supajobs.notifications (id) on delete cascade,
  channel text not null,
  push_token_id uuid,
  status text not null default 'pending',
  attempts smallint not null default 0,
  run_at timestamptz,
  tried_at timestamptz,
  claim_id uuid,
  is_held boolean not null default false,
  ticket text,
  error text,
  ended_at timestamptz,

  constraint deliveries_channel_known check (channel in ('expo', 'web', 'webhook')),
  constraint deliveries_to_a_device_unless_webhook check (
    (channel = 'webhook') = (push_token_id is null)
  ),
  constraint deliveries_status_known check (
    status in ('pending', 'sent', 'delivered', 'failed', 'expired')
  ),
  constraint deliveries_run_at_until_the_end check (
    (status in ('pending', 'sent')) = (run_at is not null)
  ),
  constraint deliveries_ended_at_iff_ended check (
    (status in ('pending', 'sent')) = (ended_at is null)
  )
);
comment on table supajobs.deliveries is
'One notification to one device, or to the webhook.';
comment on column supajobs.deliveries.push_token_id is
'The device may be gone.';
comment on column supajobs.deliveries.status is
'sent: the push service has taken it, and says later what became of it. failed: the receiver does
not want it. expired: given up after 15 attempts, or a day.';
comment on column supajobs.deliveries.run_at is
'Not before this time. While a claim holds it: when the claim''s lease is over.';
comment on column supajobs.deliveries.claim_id is
'Made by the process that sends, the fencing token of its settle. Stays until the next claim.';
comment on column supajobs.deliveries.ticket is
'Under which the push service says what became of it.';
comment on column supajobs.deliveries.error is
'What went wrong with the latest attempt, in one word.';
create index deliveries_due on supajobs.deliveries (channel, run_at)
where run_at is not null;
create index deliveries_held on supajobs.deliveries (claim_id) where is_held;
create index deliveries_by_notification
on supajobs.deliveries (notification_id);

-- Writes the deliveries of notifications that have none yet, at most p_max_notifications at a time.
-- {due, more}: due is {channel: seconds until its next delivery is due, not above 0 if it is due
-- now}; more says that others are still to be addressed.
create function public.address_plan_job_notifications(
  p_channels text[], p_max_notifications integer default 500
) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_fresh uuid[];
begin
  v_fresh := array(
    select notification.id
    from supajobs.notifications as notification
    where notification.addressed_at is null
    order by notification.id
    limit p_max_notifications
    for update skip locked
  );
  if v_fresh <> '{}' then
    update supajobs.notifications set addressed_at = v_now where id = any(v_fresh);
    insert into supajobs.deliveries (notification_id, channel, push_token_id, run_at)
    select notification.id, token.kind, token.id, v_now
    from supajobs.notifications as notification
    inner join public.plan_push_tokens as token on notification.user_id = token.user_id
    where notification.id = any(v_fresh) and token.kind = any(p_channels)
    union all
    select fresh.id, 'webhook', null, v_now
    from unnest(v_fresh) as fresh (id)
    where 'webhook' = any(p_channels);
  end if;

  return json_build_object(
    'due', (
      select coalesce(json_object_agg(known.channel, next.seconds), '{}')
      from unnest(p_channels) as known (channel)
      cross join lateral (
        select extract(epoch from delivery.run_at - clock_timestamp()) as seconds
        from supajobs.deliveries as delivery
        where delivery.channel = known.channel and delivery.run_at is not null
        order by delivery.run_at
        limit 1
      ) as next
    ),
    'more', cardinality(v_fresh) = p_max_notifications
  );
end
$$;

-- Takes due deliveries of one channel, for p_lease_seconds: [{id, attempts, ticket, notification,
-- device}]. One that has a ticket was sent before, and is to be asked about. What is older than a
-- day ends here, and so does what is for a device that is gone, or another user's by now. Copies of
-- one call take turns, as in claim_plan_jobs.
create function public.claim_plan_job_deliveries(
  p_claim_id uuid,
  p_channel text,
  p_max_deliveries integer default 50,
  p_lease_seconds double precision default 60
) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  -- Two copies of one call, a retry beside its slow first try, take turns: else the second would
  -- find all taken and nothing held, and what the first claims would wait for its lease to end.
  perform pg_advisory_xact_lock(hashtextextended(p_claim_id::text, 0));

  if not exists (
    select from supajobs.deliveries where claim_id = p_claim_id and is_held
  ) then
    update supajobs.deliveries as delivery
    set
      claim_id = p_claim_id,
      is_held = due.ends_as is null,
      status = coalesce(due.ends_as, delivery.status),
      error = coalesce(due.ends_because, delivery.error),
      attempts = delivery.attempts
      + case when due.ends_as is null and delivery.status = 'pending' then 1 else 0 end,
      tried_at = case
        when due.ends_as is null and delivery.status = 'pending' then v_now
        else delivery.tried_at
      end,
      run_at = case
        when due.ends_as is null then v_now + make_interval(secs => p_lease_seconds)
      end,
      ended_at = case when due.ends_as is not null then v_now end
    from (
      select
        candidate.id,
        case
          when candidate.is_too_old then 'expired'
          when candidate.is_for_nobody then 'failed'
        end as ends_as,
        case
          when candidate.is_too_old then coalesce(candidate.error, 'too_old')
          when candidate.is_for_nobody then 'device_removed'
        end as ends_because
      from (
        select
          mine.id,
          mine.error,
          notification.occurred_at < v_now - interval '1 day' as is_too_old,
          mine.status = 'pending' and p_channel <> 'webhook' and token.id is null as is_for_nobody
        from supajobs.deliveries as mine
        inner join supajobs.notifications as notification
          on mine.notification_id = notification.id
        left join public.plan_push_tokens as token on mine.push_token_id = token.id
        where mine.id = any(array(
          select free.id
          from supajobs.deliveries as free
          where free.channel = p_channel and free.run_at <= v_now
          order by free.run_at
          limit p_max_deliveries
          for update skip locked
        ))
      ) as candidate
    ) as due
    where delivery.id = due.id;
  end if;

  return (
    select coalesce(json_agg(held), '[]')
    from (
      select
        delivery.id,
        delivery.attempts,
        delivery.ticket,
        (
          select row_to_json(told)
          from (
            select
              notification.id, notification.event, notification.job_id, notification.job_type,
              notification.user_id, notification.project_id, notification.plan_id,
              notification.trace_id, notification.title, notification.error,
              notification.occurred_at, message.title as message_title,
              message.body as message_body
          ) as told
        ) as notification,
        (
          select row_to_json(device)
          from (select token.token, token.p256dh, token.auth where token.id is not null) as device
        ) as device
      from supajobs.deliveries as delivery
      inner join supajobs.notifications as notification
        on delivery.notification_id = notification.id
      left join public.plan_push_tokens as token on delivery.push_token_id = token.id
      left join public.plan_job_messages as message
        on notification.job_type = message.job_type and notification.event = message.event
      where delivery.claim_id = p_claim_id and delivery.is_held
      order by delivery.id
    ) as held
  );
end
$$;

-- Says what became of claimed deliveries: [{id, outcome, error?, wait?, ticket?}].
--
-- delivered; sent: the push service has it, ask for the ticket in `wait` seconds; retry: again
-- after `wait` seconds, and no sooner than a backoff of 5, 15, 45 … seconds, 4 hours at most, of
-- which up to a half is left to chance; failed: the receiver does not want it; gone: nor anything
-- else, ever, so its device is forgotten, unless it has said since that it is there.
--
-- Answers [{id, outcome, run_at?}]: delivered | sent | retrying | failed | expired (it was the last
-- of 15 attempts, or the next would be after a day) | stale (the claim no longer holds).
create function public.settle_plan_job_deliveries(
  p_claim_id uuid, p_deliveries jsonb
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  with given as (
    select * from jsonb_to_recordset(p_deliveries) as given (
      id uuid, outcome text, error text, wait double precision, ticket text
    )
  ),

  held as (
    select
      delivery.id,
      given.outcome,
      given.error,
      given.ticket,
      delivery.push_token_id,
      delivery.tried_at,
      delivery.attempts,
      notification.occurred_at + interval '1 day' as gives_up_at,
      v_now + make_interval(
        secs => case
          when given.outcome = 'sent' and given.wait is not null
            then greatest(1, least(86400, given.wait))
          else least(86400, greatest(
            given.wait,
            least(14400, 5 * power(3, least(delivery.attempts, 20) - 1)) * (0.5 + random() / 2)
          ))
        end
      ) as next_at
    from supajobs.deliveries as delivery
    inner join given on delivery.id = given.id
    inner join supajobs.notifications as notification
      on delivery.notification_id = notification.id
    where delivery.claim_id = p_claim_id and delivery.is_held
    order by delivery.id
    for update of delivery
  ),

  judged as (
    select
      held.*,
      case
        when held.outcome in ('delivered', 'sent') then held.outcome
        when held.outcome in ('failed', 'gone') then 'failed'
        when held.attempts >= 15 or held.next_at > held.gives_up_at then 'expired'
        else 'pending'
      end as status
    from held
  ),

  settled as (
    update supajobs.deliveries as delivery
    set
      status = judged.status,
      error = judged.error,
      is_held = false,
      ticket = case judged.status when 'sent' then coalesce(judged.ticket, delivery.ticket) end,
      run_at = case when judged.status in ('pending', 'sent') then judged.next_at end,
      ended_at = case when judged.status not in ('pending', 'sent') then v_now end
    from judged
    where delivery.id = judged.id
  )

  -- Whoever has it locked deletes it with its user, or says that it is there.
  delete from public.plan_push_tokens
  where id = any(array(
    select token.id
    from public.plan_push_tokens as token
    inner join judged on token.id = judged.push_token_id
    where judged.outcome = 'gone' and token.registered_at <= judged.tried_at
    for update of token skip locked
  ));

  return (
    select
      coalesce(
        json_agg(
          json_strip_nulls(
            json_build_object(
              'id', given.id,
              'outcome', case
                when delivery.id is null then 'stale'
                when delivery.status = 'pending' then 'retrying'
                else delivery.status
              end,
              'run_at', delivery.run_at
            )
          )
        ),
        '[]'
      )
    from jsonb_to_recordset(p_deliveries) as given (id uuid)
    left join supajobs.deliveries as delivery
      on given.id = delivery.id and delivery.claim_id = p_claim_id
  );
end
$$;

revoke all on function
public.address_plan_job_notifications,
public.claim_plan_job_deliveries,
public.settle_plan_job_deliveries
from public, anon, authenticated;
grant execute on function
public.address_plan_job_notifications,
public.claim_plan_job_deliveries,
public.settle_plan_job_deliveries
to service_role;


-- 22_broadcasts.sql

-- Where the project has Realtime, its users hear of their jobs as they go: each change of status
-- or progress is a private broadcast to the topic user:<user id>, event `job`, with {id, job_type,
-- status, progress, plan_id, updated_at}. With supabase-js:
--
--   supabase.channel(`user:${user.id}`, { config: { private: true } })
--     .on('broadcast', { event: 'job' }, ({ payload }) => …)
--     .subscribe()

create function supajobs.broadcast_job() returns trigger
language plpgsql
volatile
security definer -- for the rights on Realtime's tables, whoever changes the job
set search_path = ''
as $$
begin
  if new.user_id is null then
    return null;
  end if;
  perform realtime.send(
    jsonb_build_object(
      'id', new.id,
      'job_type', new.job_type,
      'status', new.status,
      'progress', new.progress,
      'plan_id', new.plan_id,
      'updated_at', new.updated_at
    ),
    'job',
    'user:' || new.user_id,
    true
  );
  return null;
exception when others then
  raise warning 'supajobs: a job was not broadcast: %', sqlerrm;
  return null;
end
$$;

create function supajobs.has_realtime() returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return num_nulls(
    to_regprocedure('realtime.send(jsonb, text, text, boolean)'),
    to_regprocedure('realtime.topic()'),
    to_regclass('realtime.messages')
  ) = 0;
end
$$;

-- Starts the broadcasts, if Realtime is there. Where it came later, call it again. To stop them:
-- drop trigger plan_generation_jobs_broadcast on public.plan_generation_jobs.
-- Outcomes: started | unavailable.
create function public.start_plan_job_broadcasts() returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  if not supajobs.has_realtime() then
    raise notice 'supajobs: Realtime is not available here; jobs are not broadcast';
    return '{"outcome": "unavailable"}';
  end if;

  if not exists (
    select from pg_catalog.pg_policies
    where
      schemaname = 'realtime'
      and tablename = 'messages'
      and policyname = 'plan_jobs_are_heard_by_their_user'
  ) then
    create policy plan_jobs_are_heard_by_their_user
    on realtime.messages for select to authenticated
    using (
      extension = 'broadcast'
      and (select realtime.topic()) = 'user:' || (select auth.uid())
    );
  end if;

  create or replace trigger plan_generation_jobs_broadcast
  after update of status, progress on public.plan_generation_jobs
  for each row
  when (old.status <> new.status or old.progress is distinct from new.progress)
  execute function supajobs.broadcast_job();
  return '{"outcome": "started"}';
end
$$;

select public.start_plan_job_broadcasts();

revoke all on function public.start_plan_job_broadcasts
from public, anon, authenticated, service_role;


-- 23_flows.sql

-- Flows: jobs that wait for others, their parents, to end, and read their results. A waiting job is
-- held (09): it costs a claim nothing.

-- The jobs that one waits for, each by all names that the child has for it. An edge is there for
-- as long as its child.
create table supajobs.edges (
  job_id uuid not null,
  parent_id uuid not null,
  ref text not null,
  on_parent_failure text not null,
  outcome text,

  primary key (job_id, parent_id, ref),
  constraint edges_on_parent_failure_known check (on_parent_failure in ('cancel', 'run')),
  constraint edges_outcome_known check (
    outcome in ('completed', 'failed', 'cancelled', 'deleted')
  )
);
comment on table supajobs.edges is 'Who waits for whom: flows of jobs.';
comment on column supajobs.edges.ref is
'What the child calls its parent, when it asks for the results.';
comment on column supajobs.edges.outcome is
'How the parent ended; null while it has not.';
create index edges_open on supajobs.edges (job_id) where outcome is null;
create index edges_by_parent on supajobs.edges (parent_id);

-- Whether a child has not ended, and may read the job's result. Volatile: a cleanup that meets a
-- job in change asks again, and is to see who has come since.
create function supajobs.is_waited_for(p_job_id uuid) returns boolean
language plpgsql
volatile
set search_path = ''
as $$
begin
  return exists (
    select from supajobs.edges as edge
    inner join public.plan_generation_jobs as child on edge.job_id = child.id
    where edge.parent_id = p_job_id and child.completed_at is null
  );
end
$$;

-- Ends the held jobs whose parent has ended without a result, theirs, and so on, unless they are to
-- run all the same.
create function supajobs.end_orphans(p_parent_ids uuid[]) returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_parent_ids uuid[] := p_parent_ids;
begin
  while v_parent_ids is not null loop
    with orphans as (
      select child.id, parent.id as parent_id, parent.ref, parent.status
      from public.plan_generation_jobs as child
      cross join lateral (
        select edge.parent_id as id, edge.ref, coalesce(job.status, 'deleted') as status
        from supajobs.edges as edge
        left join public.plan_generation_jobs as job on edge.parent_id = job.id
        where
          edge.job_id = child.id
          and edge.parent_id = any(v_parent_ids)
          and edge.on_parent_failure = 'cancel'
          and (job.id is null or job.status in ('failed', 'cancelled'))
        order by job.completed_at, edge.ref
        limit 1
      ) as parent
      where
        child.id = any(array(
          select edge.job_id from supajobs.edges as edge
          where edge.parent_id = any(v_parent_ids)
        ))
        and child.is_held
        and child.status = 'pending'
      order by child.id
      for no key update of child
    ),

    ended as (
      update public.plan_generation_jobs as job
      set
        status = 'cancelled',
        is_held = false,
        error = jsonb_build_object(
          'code', 'parent_' || orphans.status,
          'message', format(
            'The job waited for "%s", which %s.',
            orphans.ref,
            case orphans.status when 'failed' then 'failed' else 'was ' || orphans.status end
          ),
          'detail', jsonb_build_object('parent_id', orphans.parent_id)
        ),
        completed_at = v_now,
        expires_at = v_now + make_interval(hours => job.ttl_hours),
        updated_at = v_now
      from orphans
      where job.id = orphans.id
      returning job.id
    ),

    told as (
      insert into supajobs.news (job_id) select ended.id from ended
    )

    select array_agg(ended.id) into v_parent_ids from ended;
  end loop;
end
$$;

-- Has those wait again whom the end of this job had ended, now that it runs again; theirs too. Not
-- those who have lost another parent.
create function supajobs.revive_descendants(p_parent_id uuid) returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_parent_ids uuid[] := array[p_parent_id];
  v_revived uuid[];
  v_all uuid[] := '{}';
  v_job public.plan_generation_jobs;
begin
  while v_parent_ids <> '{}' loop
    v_revived := '{}';
    update supajobs.edges set outcome = null
    where parent_id = any(v_parent_ids) and outcome is not null;

    for v_job in
      select child.* from public.plan_generation_jobs as child
      where
        child.id = any(array(
          select edge.job_id from supajobs.edges as edge
          where edge.parent_id = any(v_parent_ids)
        ))
        and child.status = 'cancelled'
        and child.error ->> 'code' in ('parent_failed', 'parent_cancelled', 'parent_deleted')
        and child.error #>> '{detail, parent_id}' = any(v_parent_ids::text[])
      order by child.id
      for no key update
    loop
      begin
        update public.plan_generation_jobs
        set
          status = 'pending',
          is_held = true,
          error = null,
          completed_at = null,
          expires_at = null,
          updated_at = v_now
        where id = v_job.id
        returning * into v_job;
        if
          exists (
            select from public.plan_job_types
            where
              job_type = v_job.job_type
              and coalesce(max_running_per_user, max_running_per_project) is not null
          )
        then
          perform supajobs.limit_by_key(v_job);
        end if;
        v_revived := v_revived || v_job.id;
      exception when unique_violation then
        null; -- a newer job has taken its place
      end;
    end loop;
    v_all := v_all || v_revived;
    v_parent_ids := v_revived;
  end loop;
  perform supajobs.end_orphans(array(
    select edge.parent_id from supajobs.edges as edge
    where edge.job_id = any(v_all) and edge.outcome is not null
  ));
end
$$;

-- Has a new job wait for its parents, which are of the same user: {ref: id}, or [id]. Those that
-- are locked wait: who ends one at this moment is heard first. Answers the job as it is then.
create function supajobs.follow(
  p_job public.plan_generation_jobs, p_after jsonb, p_on_parent_failure text
) returns public.plan_generation_jobs
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_parents jsonb := case jsonb_typeof(p_after)
    when 'object' then p_after
    when 'array' then (
      select coalesce(jsonb_object_agg(parent.id, parent.id), '{}')
      from jsonb_array_elements_text(p_after) as parent (id)
    )
  end;
  v_parent_ids uuid[];
  v_found integer;
  v_job public.plan_generation_jobs;
begin
  if v_parents is null or p_on_parent_failure not in ('cancel', 'run') then
    raise sqlstate 'PT422' using
      message = 'The parents of a job are a list of ids, or an object with an id for each name.',
      detail = 'after_malformed',
      hint = 'When one fails, the job is to "cancel" or to "run".';
  end if;
  begin
    v_parent_ids := array(
      select distinct parent.id::uuid from jsonb_each_text(v_parents) as parent (ref, id)
    );
  exception when invalid_text_representation then
    v_parent_ids := null;
  end;
  perform from public.plan_generation_jobs as parent
  where
    parent.id = any(v_parent_ids)
    and parent.id <> p_job.id
    and parent.user_id is not distinct from p_job.user_id
  order by parent.id
  for no key update;
  get diagnostics v_found = row_count;
  if cardinality(v_parent_ids) is distinct from v_found then
    raise sqlstate 'PT422' using
      message = 'A job waits for jobs of the same user, and not all of these are there.',
      detail = 'parent_not_found',
      hint = 'Send the ids of jobs that have not been deleted.';
  end if;
  if (select count(*) from jsonb_object_keys(v_parents)) > 1000 then
    raise sqlstate 'PT422' using
      message = 'A job waits for 1000 others at most, by as many names.',
      detail = 'too_many_parents',
      hint = 'Have some jobs in between, which gather the results of a part.';
  end if;

  insert into supajobs.edges (job_id, parent_id, ref, on_parent_failure)
  select p_job.id, parent.id::uuid, parent.ref, p_on_parent_failure
  from jsonb_each_text(v_parents) as parent (ref, id);
  update public.plan_generation_jobs set has_ties = true
  where id = any(v_parent_ids) and not has_ties;

  -- The news of those that have ended already may have been read.
  update supajobs.edges as edge
  set outcome = parent.status
  from public.plan_generation_jobs as parent
  where
    edge.job_id = p_job.id
    and parent.id = edge.parent_id
    and parent.completed_at is not null;
  if found then
    perform supajobs.end_orphans(array(
      select edge.parent_id from supajobs.edges as edge
      where edge.job_id = p_job.id and edge.outcome <> 'completed'
    ));
    perform supajobs.let_go(array[p_job.id]);
  end if;
  select * into v_job from public.plan_generation_jobs where id = p_job.id;
  return v_job;
end
$$;

-- Lets go of those of these held jobs that have no parent left to wait for: each comes into its
-- lane with the next claim once it is due, unless its key is to have room first.
create function supajobs.let_go(p_job_ids uuid[]) returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  with free as (
    select
      child.id,
      -- Else it is held when it is due.
      child.run_at <= v_now and supajobs.is_limited_by_key(child.id) as is_limited
    from public.plan_generation_jobs as child
    where
      child.id = any(p_job_ids)
      and child.is_held
      and child.status = 'pending'
      and not exists (
        select from supajobs.edges as edge
        where edge.job_id = child.id and edge.outcome is null
      )
    order by child.id
    for no key update
  ),

  arrived as (
    insert into supajobs.news (job_id) select free.id from free
    where free.is_limited
  )

  update public.plan_generation_jobs as job
  set
    is_held = free.is_limited,
    run_at = greatest(job.run_at, v_now),
    updated_at = v_now
  from free
  where job.id = free.id;
end
$$;

-- Notes how parents have ended, for a thousand edges at a time, and lets the children go or ends
-- them. A parent that was given up for lost may have completed since.
create function supajobs.tell_children(p_parent_ids uuid[]) returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_parent_id uuid;
  v_child_ids uuid[];
  v_without_result uuid[];
  v_noted integer;
begin
  for v_parent_id in
    select distinct parent.id
    from unnest(p_parent_ids) as told (id) -- a thousand are looked up, not compared with each edge
    inner join supajobs.edges as edge on told.id = edge.parent_id
    inner join public.plan_generation_jobs as parent on edge.parent_id = parent.id
    where edge.outcome <> 'completed' and parent.status = 'completed'
  loop
    perform supajobs.revive_descendants(v_parent_id);
  end loop;

  with ended as (
    select edge.job_id, edge.parent_id, edge.ref, coalesce(parent.status, 'deleted') as outcome
    from unnest(p_parent_ids) as told (id)
    inner join supajobs.edges as edge on told.id = edge.parent_id
    left join public.plan_generation_jobs as parent on edge.parent_id = parent.id
    where edge.outcome is null and (parent.id is null or parent.completed_at is not null)
    limit 1000
  ),

  noted as (
    update supajobs.edges as edge
    set outcome = ended.outcome
    from ended
    where
      edge.job_id = ended.job_id
      and edge.parent_id = ended.parent_id
      and edge.ref = ended.ref
    returning edge.job_id, edge.parent_id, edge.outcome
  )

  select
    array_agg(distinct noted.job_id),
    array_agg(distinct noted.parent_id) filter (where noted.outcome <> 'completed'),
    count(*)
  into v_child_ids, v_without_result, v_noted
  from noted;

  if v_without_result is not null then
    perform supajobs.end_orphans(v_without_result);
  end if;
  if v_child_ids is not null then
    perform supajobs.let_go(v_child_ids);
    if v_noted = 1000 then
      insert into supajobs.news (job_id) select told.id from unnest(p_parent_ids) as told (id);
    end if;
  end if;
end
$$;

-- The last runs of a running job's parents, whose spans its own is to link to: [{job_id, claim_id,
-- trace_id}], a hundred of them at most.
create function public.get_plan_job_origins(p_job_id uuid, p_claim_id uuid) returns json
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(json_agg(origin), '[]')
    from (
      select distinct parent.id as job_id, parent.claim_id, parent.trace_id
      from public.plan_generation_jobs as job
      inner join supajobs.edges as edge on job.id = edge.job_id
      inner join public.plan_generation_jobs as parent on edge.parent_id = parent.id
      where
        job.id = p_job_id
        and job.claim_id = p_claim_id
        and job.status = 'processing'
        and num_nulls(parent.claim_id, parent.trace_id) = 0
      order by parent.id
      limit 100
    ) as origin
  );
end
$$;

-- What came before a running job: {outcome, parents: [{ref, job_id, job_type, status, result,
-- error}]}. Of a parent that was deleted since, how it ended is all there is. Outcomes: found
-- | stale.
create function public.get_plan_job_parents(p_job_id uuid, p_claim_id uuid) returns json
language plpgsql
stable
set search_path = ''
as $$
begin
  if not exists (
    select from public.plan_generation_jobs
    where id = p_job_id and claim_id = p_claim_id and status = 'processing'
  ) then
    return '{"outcome": "stale"}';
  end if;
  return json_build_object(
    'outcome', 'found',
    'parents', (
      select
        coalesce(
          json_agg(
            json_build_object(
              'ref', edge.ref,
              'job_id', edge.parent_id,
              'job_type', parent.job_type,
              'status', coalesce(parent.status, edge.outcome),
              'result', parent.result,
              'error', parent.error
            )
            order by edge.parent_id, edge.ref
          ),
          '[]'
        )
      from supajobs.edges as edge
      left join public.plan_generation_jobs as parent on edge.parent_id = parent.id
      where edge.job_id = p_job_id
    )
  );
end
$$;

-- The flow that a user's job belongs to, a thousand jobs of it at most: {jobs: [{id, job_type,
-- status, is_held, created_at, started_at, completed_at}], edges: [{job_id, parent_id, ref,
-- on_parent_failure}]}; the one that was asked for first. null: the user has no such job.
create function public.get_plan_job_flow(p_job_id uuid, p_user_id uuid) returns json
language plpgsql
stable
set search_path = ''
as $$
declare
  v_known uuid[];
begin
  with recursive known (id) as (
    select job.id from public.plan_generation_jobs as job
    where job.id = p_job_id and job.user_id is not distinct from p_user_id
    union
    select neighbour.id
    from known
    cross join lateral (
      select edge.parent_id as id from supajobs.edges as edge where edge.job_id = known.id
      union all
      select edge.job_id from supajobs.edges as edge where edge.parent_id = known.id
    ) as neighbour
  )

  select array_agg(reached.id) into v_known
  from (select known.id from known limit 1000) as reached;
  if v_known is null then
    return null;
  end if;
  return json_build_object(
    'jobs', (
      select
        json_agg(
          json_build_object(
            'id', job.id,
            'job_type', job.job_type,
            'status', job.status,
            'is_held', job.is_held,
            'created_at', job.created_at,
            'started_at', job.started_at,
            'completed_at', job.completed_at
          )
          order by job.id <> p_job_id, job.id
        )
      from public.plan_generation_jobs as job
      where job.id = any(v_known)
    ),
    'edges', (
      select
        coalesce(
          json_agg(
            json_build_object(
              'job_id', edge.job_id,
              'parent_id', edge.parent_id,
              'ref', edge.ref,
              'on_parent_failure', edge.on_parent_failure
            )
            order by edge.job_id, edge.parent_id, edge.ref
          ),
          '[]'
        )
      from supajobs.edges as edge
      where edge.job_id = any(v_known) and edge.parent_id = any(v_known)
    )
  );
end
$$;

revoke all on function
public.get_plan_job_parents,
public.get_plan_job_flow,
public.get_plan_job_origins
from public, anon, authenticated;
grant execute on function
public.get_plan_job_parents,
public.get_plan_job_flow,
public.get_plan_job_origins
to service_role;


-- 24_bulk.sql

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


-- 25_stores.sql

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


-- 26_follow_ups.sql

-- Jobs that a running job asks for: those that are to follow it, with its completion, and others in
-- the middle of its work. Each is an entry as enqueue_plan_jobs takes it; what it does not say of
-- its user, its project and its trace is as the job has it. To read the job's result it comes after
-- that: {"after": {"text": <the job's id>}}.

create function supajobs.complete_request(
  p_request jsonb, p_job public.plan_generation_jobs
) returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_build_object(
    'user_id', p_job.user_id, 'project_id', p_job.project_id, 'trace_id', p_job.trace_id
  ) || p_request
$$;

-- What a job's user is told of an attempt that was to be followed by what is refused.
create function supajobs.tell_refused_follow_up() returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_build_object(
    'error', jsonb_build_object(
      'code', 'follow_up_refused',
      'message', 'A job that was to follow could not be requested.'
    )
  )
$$;

-- Requests the jobs that are to follow one, which is about to complete. Null; or how the attempt is
-- to end if one was refused, {retryable, not_before?, cause}: then none is to be requested.
--
-- A settle waits for nobody, nor does it here: what takes longer is lock_not_available.
create function supajobs.request_follow_ups(
  p_job public.plan_generation_jobs, p_requests jsonb
) returns jsonb
language plpgsql
volatile
set search_path = ''
set lock_timeout = '100ms'
as $$
declare
  v_refusal record;
begin
  select
    answer.told ->> 'outcome' as outcome,
    answer.told ->> 'retry_after' as retry_after,
    coalesce(answer.told ->> 'code', answer.told ->> 'outcome') as code,
    coalesce(p_requests -> (answer.place::integer - 1) ->> 'job_type', '?') as job_type,
    concat_ws(' ', answer.told ->> 'message', answer.told ->> 'hint') as reason
  into v_refusal
  from json_array_elements(
    public.enqueue_plan_jobs(
      (
        select
          coalesce(
            jsonb_agg(supajobs.complete_request(request.value, p_job) order by request.place),
            '[]'
          )
        from jsonb_array_elements(p_requests) with ordinality as request (value, place)
      )
    )
  ) with ordinality as answer (told, place)
  where answer.told ->> 'outcome' not in ('created', 'existing')
  order by answer.place
  limit 1;
  if not found then
    return null;
  end if;
  return jsonb_strip_nulls(
    jsonb_build_object(
      -- The rate limit passes by itself. A budget is there again next month, and what is wrong with
      -- the request is so then, too.
      'retryable', v_refusal.outcome = 'rate_limited',
      'not_before',
      case v_refusal.outcome when 'rate_limited' then v_refusal.retry_after::integer end,
      'cause', jsonb_build_object(
        'exception', v_refusal.code,
        'message', concat_ws(': ', v_refusal.job_type, nullif(v_refusal.reason, '')),
        'frames', '[]'::jsonb
      )
    )
  );
end
$$;

-- Requests a job in the middle of a running one, once for each name: it is kept with the steps of
-- that job, and this answers existing with the same id whenever it is asked for again. In one
-- transaction, under the claim: so no key has to stand for it.
--
-- A job of its own dedupe key is refused: it would be this one. Debounced, it comes after this one.
--
-- Outcomes: created or existing + job_id | stale (the claim no longer holds; nothing was requested)
-- | conflict | rate_limited or cost_limited + retry_after (seconds).
create function public.enqueue_plan_job_step(
  p_job_id uuid, p_claim_id uuid, p_name text, p_request jsonb
) returns json
language plpgsql
volatile
set search_path = ''
set lock_timeout = '500ms' -- who has a limit's lock may wait for this job's: then it comes again
as $$
declare
  v_job public.plan_generation_jobs;
  v_known text;
  v_answer json;
begin
  select * into v_job from public.plan_generation_jobs
  where id = p_job_id and claim_id = p_claim_id and status = 'processing'
  for no key update;
  if not found then
    return '{"outcome": "stale"}';
  end if;
  select step.output ->> 'job_id' into v_known from supajobs.steps as step
  where step.job_id = p_job_id and step.name = p_name;
  if v_known is not null then
    return json_build_object('outcome', 'existing', 'job_id', v_known);
  end if;

  v_answer := supajobs.enqueue_entry(supajobs.complete_request(p_request, v_job), '{}');
  if v_answer ->> 'outcome' not in ('created', 'existing') then
    return v_answer;
  end if;
  if (v_answer #>> '{job, id}')::uuid = p_job_id then
    raise sqlstate 'PT422' using
      message = 'A job that runs cannot stand for one of its dedupe key that it asks for.',
      detail = 'follow_up_of_itself',
      hint = 'Ask for it with the completion; or with debounce_seconds, then it runs after this one.';
  end if;
  perform public.save_plan_job_step(
    p_job_id, p_claim_id, p_name, jsonb_build_object('job_id', v_answer #> '{job, id}')
  );
  return json_build_object(
    'outcome', v_answer -> 'outcome', 'job_id', v_answer #> '{job, id}'
  );
end
$$;

revoke all on function public.enqueue_plan_job_step from public, anon, authenticated;
grant execute on function public.enqueue_plan_job_step to service_role;


-- 27_newest.sql

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


-- 28_advance.sql

-- Both halves of a busy worker's work in one call, what its jobs came to and others in their place:
-- half the round trips, and half the commits.

-- Answers {settled: as complete_plan_jobs, claimed: as claim_plan_jobs}. Both or neither are done,
-- and a repeated call is answered as each of the two answers.
create function public.advance_plan_jobs(
  p_jobs jsonb,
  p_claim_id uuid,
  p_worker_id text,
  p_max_jobs integer default 1,
  p_job_types text[] default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_settled json;
begin
  -- The claim's own: a copy of this call is to find its completions done, and not busy.
  perform pg_advisory_xact_lock(hashtextextended(p_claim_id::text, 0));
  v_settled := public.complete_plan_jobs(p_jobs);
  return json_build_object(
    'settled', v_settled,
    'claimed', public.claim_plan_jobs(p_claim_id, p_worker_id, p_max_jobs, p_job_types)
  );
end
$$;

revoke all on function public.advance_plan_jobs from public, anon, authenticated;
grant execute on function public.advance_plan_jobs to service_role;


-- 30_triggers.sql

-- What starts jobs from within the database: two schedules of pg_cron, one that calls the processor
-- over pg_net and one that cleans up. What there must be on record to tell whether they do their
-- work is kept here: when they were made, for cron.job does not say it; and which of pg_net's
-- answers are those of the processor.

create table supajobs.trigger_schedules (
  name text primary key,
  scheduled_at timestamptz not null
);
comment on table supajobs.trigger_schedules is 'When each schedule was made or last changed.';

create table supajobs.trigger_calls (
  request_id bigint primary key,
  called_at timestamptz not null
);
comment on table supajobs.trigger_calls is
'The last 20 calls of the schedule, by the ids that they have in pg_net.';

-- Calls the processor once; answers the id of the request. Its answer, 202, will be in
-- net._http_response.
create function supajobs.call_processor() returns bigint
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_url text;
  v_secret text;
begin
  select decrypted_secret into v_url
  from vault.decrypted_secrets where name = 'supajobs_process_url';
  select decrypted_secret into v_secret
  from vault.decrypted_secrets where name = 'supajobs_cron_secret';
  if v_url is null or v_secret is null then
    raise exception 'The Vault secrets supajobs_process_url and supajobs_cron_secret are not set.'
    using hint = 'select vault.create_secret(''https://…/v1/queue/process'', ''supajobs_process_url'')';
  end if;

  return net.http_post(
    url := v_url,
    body := '{}',
    headers := jsonb_build_object(
      'Content-Type', 'application/json', 'Authorization', 'Bearer ' || v_secret
    ),
    timeout_milliseconds := 5000
  );
end
$$;

-- What the schedule runs: calls the processor, and remembers the call.
create function supajobs.trigger_processing() returns bigint
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_request_id bigint := supajobs.call_processor();
begin
  -- An extension that was made anew counts its requests anew.
  insert into supajobs.trigger_calls (request_id, called_at)
  values (v_request_id, clock_timestamp())
  on conflict (request_id) do update set called_at = excluded.called_at;

  delete from supajobs.trigger_calls
  where request_id = any(array(
    select request_id from supajobs.trigger_calls
    order by called_at desc
    offset 20
    for update skip locked
  ));
  return v_request_id;
end
$$;

-- Registers the two schedules, or changes them, and notes when. Outcomes: scheduled | unavailable.
create function public.schedule_plan_job_processing(
  p_schedule text default '30 seconds', p_cleanup_schedule text default '* * * * *'
) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
begin
  if
    to_regnamespace('cron') is null
    or to_regnamespace('net') is null
    or to_regclass('vault.decrypted_secrets') is null
  then
    raise notice 'supajobs: pg_cron, pg_net and Vault are needed to schedule the processing';
    return '{"outcome": "unavailable"}';
  end if;

  perform cron.schedule(
    'supajobs_process', p_schedule, 'select supajobs.trigger_processing()'
  );
  perform cron.schedule(
    'supajobs_cleanup',
    p_cleanup_schedule,
    'select public.cleanup_expired_plan_jobs(), supajobs.cleanup_notifications()'
  );
  insert into supajobs.trigger_schedules (name, scheduled_at)
  values ('supajobs_process', clock_timestamp()), ('supajobs_cleanup', clock_timestamp())
  on conflict (name) do update set scheduled_at = excluded.scheduled_at;
  return '{"outcome": "scheduled"}';
end
$$;

-- The last steps of an installation in one call, for `supajobs setup`: writes the processor's
-- address and secret into Vault, where they are not yet there, and registers the schedules.
-- Outcomes: scheduled | unavailable.
create function public.set_up_plan_job_processing(
  p_process_url text, p_cron_secret text, p_schedule text default '30 seconds'
) returns json
language plpgsql
volatile
-- Vault's functions and pg_cron's are not for service_role, and the schedules run as whoever
-- registers them. See docs/decisions/0010.
security definer
set search_path = ''
as $$
declare
  v_secret record;
  v_known record;
begin
  if (p_process_url ~ '^https?://[^\s/]' and length(p_cron_secret) >= 16) is not true then
    raise sqlstate 'PT422' using
      message = 'The processor has an address, https://…, and a secret of at least 16 characters.',
      detail = 'invalid_processor';
  end if;

  if to_regclass('vault.decrypted_secrets') is not null then
    for v_secret in
      select *
      from (
        values
        ('supajobs_process_url', p_process_url), ('supajobs_cron_secret', p_cron_secret)
      ) as wanted (name, value)
    loop
      select id, decrypted_secret into v_known
      from vault.decrypted_secrets where name = v_secret.name;
      if v_known.id is null then
        perform vault.create_secret(v_secret.value, v_secret.name);
      elsif v_known.decrypted_secret is distinct from v_secret.value then
        perform vault.update_secret(v_known.id, v_secret.value);
      end if;
    end loop;
  end if;

  return public.schedule_plan_job_processing(p_schedule);
end
$$;

-- The schedules belong to the owner of the database.
revoke all on function
supajobs.call_processor,
supajobs.trigger_processing,
public.schedule_plan_job_processing,
public.set_up_plan_job_processing
from public, anon, authenticated, service_role;
grant execute on function public.set_up_plan_job_processing to service_role;


-- 31_wakes.sql

-- Starting new jobs at once, where they are requested past the API: from SQL, an Edge Function or
-- another service. Off until start_plan_job_wakes is called; before that, an enqueue pays nothing.
--
-- A request of a job that is due has pg_net call the processor after its commit, at most once a
-- second for the whole project. The processor looks again a little later, for what came within that
-- second. Only a wake that is committed counts for that, as only that one has gone out: a
-- transaction that takes long, or is rolled back, keeps no other request from its own. Where a wake
-- is lost all the same, the schedule starts the job: wakes do not replace it.

create table supajobs.wake (
  slot integer generated always as identity primary key,
  woken_at timestamptz not null default '-infinity'
);
comment on table supajobs.wake is
'When new jobs last woke a processor: a row for each transaction that did so at the same time.';
insert into supajobs.wake default values;

create function supajobs.wake_processor() returns trigger
language plpgsql
volatile
security definer -- for the address and the secret, whoever requests the job
set search_path = ''
as $$
begin
  if not exists (
    select from requested as job where job.status = 'pending' and job.run_at <= now()
  ) then
    return null;
  end if;

  if exists (
    select from supajobs.wake where woken_at >= clock_timestamp() - interval '1 second'
  ) then
    return null;
  end if;
  -- Whoever finds all rows taken makes another: no request waits for another.
  update supajobs.wake set woken_at = clock_timestamp()
  where slot = (select slot from supajobs.wake limit 1 for update skip locked);
  if not found then
    insert into supajobs.wake (woken_at) values (clock_timestamp());
  end if;
  perform supajobs.call_processor();
  return null;
exception when others then
  raise warning 'supajobs: a new job did not wake a processor: %', sqlerrm;
  return null;
end
$$;

-- Starts the wakes. Outcomes: started | unavailable (without pg_net and Vault).
create function public.start_plan_job_wakes() returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  if to_regnamespace('net') is null or to_regclass('vault.decrypted_secrets') is null then
    raise notice 'supajobs: pg_net and Vault are needed to wake a processor';
    return '{"outcome": "unavailable"}';
  end if;

  create or replace trigger plan_generation_jobs_wake
  after insert on public.plan_generation_jobs
  referencing new table as requested
  for each statement
  execute function supajobs.wake_processor();
  return '{"outcome": "started"}';
end
$$;

-- Stops them. Outcome: stopped.
create function public.stop_plan_job_wakes() returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  drop trigger if exists plan_generation_jobs_wake on public.plan_generation_jobs;
  return '{"outcome": "stopped"}';
end
$$;

revoke all on function
public.start_plan_job_wakes,
public.stop_plan_job_wakes
from public, anon, authenticated, service_role;


-- 32_processors.sql

-- Who works: each processor says every 30 seconds that it lives, also while it has nothing to do.
-- It takes itself off when it stops gently, so a row that is not renewed is of one that was killed,
-- froze, or lost its way to the database. After a day such a row goes, too.

create table supajobs.processors (
  worker_id text primary key,
  version text not null,
  concurrency integer not null,
  running integer not null,
  job_types text[],
  listens boolean not null default false,
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp()
)
-- Room for the next version of each row: no index holds what a note changes.
with (fillfactor = 50);
comment on table supajobs.processors is
'The processors that live, or were seen less than a day ago.';
comment on column supajobs.processors.concurrency is
'How many jobs it runs at the same time.';
comment on column supajobs.processors.running is
'How many ran when it was last seen.';
comment on column supajobs.processors.job_types is
'Those that it has code for; null of one that does not say so.';
comment on column supajobs.processors.listens is
'Whether it can be called by a broadcast (call_workers).';
comment on column supajobs.processors.seen_at is
'It lives if this is less than 90 seconds ago: three notes.';

-- In how many seconds the next job of a type may start, by its limits: 0 now; null not before one
-- of those that run has ended, whose worker asks then, or a limit is raised.
create function supajobs.foresee_start(p_job_type text) returns double precision
language plpgsql
volatile -- for the time
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_type public.plan_job_types;
  v_started bigint;
  v_first timestamptz;
begin
  select * into v_type from public.plan_job_types where job_type = p_job_type;
  if
    v_type.starts_per_minute = 0
    or v_type.max_running <= (
      select count(*) from public.plan_generation_jobs
      where status = 'processing' and job_type = p_job_type
    )
  then
    return null;
  end if;
  select sum(jobs), min(started_at) into v_started, v_first
  from supajobs.starts
  where job_type = p_job_type and started_at > v_now - interval '1 minute';
  return case
    when v_started >= v_type.starts_per_minute
      then extract(epoch from v_first + interval '1 minute' - v_now)
    else 0
  end;
end
$$;

-- What there is to do for processors with code for these job types (null: all): in how many seconds
-- they should ask for jobs, for schedules, and for messages to send. 0 or less: now. Null: nothing
-- waits.
--
-- As cheap as a claim that finds nothing: it looks at the head of each lane and at the limits of
-- its type, at what waits for its time first, and whether the housekeeping of claims is due, ten
-- seconds after the last one. Where many with the same code live, each asks a little later for what
-- is due in a while. Of the schedules that are due, it tells of the last: one that nobody can take
-- is to hide no other.
create function supajobs.foresee_work(
  p_job_types text[],
  out jobs_due_in double precision,
  out schedules_due_in double precision,
  out messages_due_in double precision
)
language plpgsql
volatile -- for its random number, and for the time
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_turn double precision;
begin
  if
    exists (select from supajobs.news where not is_stuck)
    or exists (
      select from supajobs.sweeps
      where name = 'leases' and swept_at < v_now - interval '10 seconds'
    )
  then
    jobs_due_in := 0;
  else
    jobs_due_in := least(
      (
        select min(supajobs.foresee_start(lane.job_type))
        from supajobs.lanes as lane
        where
          (p_job_types is null or lane.job_type = any(p_job_types))
          and exists (
            select from public.plan_generation_jobs as job
            where
              job.status = 'pending'
              and job.job_type = lane.job_type
              and job.priority = lane.priority
              and job.turn >= lane.floor
          )
      ),
      (
        select extract(epoch from min(job.run_at) - v_now)
        from public.plan_generation_jobs as job
        where job.status = 'pending' and job.turn is null and not job.is_held
      )
    );
  end if;
  schedules_due_in := coalesce(
    (
      select extract(epoch from max(schedule.next_run_at) - v_now)
      from public.plan_job_schedules as schedule
      where schedule.paused_at is null and schedule.next_run_at <= v_now
    ),
    (
      select extract(epoch from min(schedule.next_run_at) - v_now)
      from public.plan_job_schedules as schedule
      where schedule.paused_at is null and schedule.next_run_at > v_now
    )
  );

  if exists (select from supajobs.notifications as notification where addressed_at is null) then
    messages_due_in := 0;
  else
    messages_due_in := (
      select extract(epoch from min(next.run_at) - v_now)
      from (values ('expo'), ('web'), ('webhook')) as known (channel)
      cross join lateral (
        select delivery.run_at from supajobs.deliveries as delivery
        where delivery.channel = known.channel and delivery.run_at is not null
        order by delivery.run_at
        limit 1
      ) as next
    );
  end if;

  if greatest(jobs_due_in, schedules_due_in, messages_due_in) > 0 then
    v_turn := random() * (
      select greatest(0, count(*) - 1) / 5.0
      from supajobs.processors as processor
      where
        processor.seen_at > v_now - interval '90 seconds'
        and coalesce(processor.job_types && p_job_types, true)
    );
    jobs_due_in := jobs_due_in + case when jobs_due_in > 0 then v_turn else 0 end;
    schedules_due_in := schedules_due_in + case when schedules_due_in > 0 then v_turn else 0 end;
    messages_due_in := messages_due_in + case when messages_due_in > 0 then v_turn else 0 end;
  end if;
end
$$;

-- Notes that a processor lives, and tells it what there is to do: the one call that an idle one
-- makes. {outcome: noted, jobs_due_in, schedules_due_in, messages_due_in}, see foresee_work.
create function public.note_plan_processor(
  p_worker_id text,
  p_version text,
  p_concurrency integer,
  p_running integer,
  p_job_types text[] default null,
  p_listens boolean default false
) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  insert into supajobs.processors as processor (
    worker_id, version, concurrency, running, job_types, listens
  )
  values (p_worker_id, p_version, p_concurrency, p_running, p_job_types, p_listens)
  on conflict (worker_id) do update
  set
    version = excluded.version,
    concurrency = excluded.concurrency,
    running = excluded.running,
    job_types = excluded.job_types,
    listens = excluded.listens,
    seen_at = excluded.seen_at;

  -- Two processors never wait for each other over the rows of a third.
  delete from supajobs.processors
  where worker_id = any(array(
    select worker_id from supajobs.processors
    where seen_at < clock_timestamp() - interval '1 day'
    for update skip locked
  ));
  return (
    select
      json_build_object(
        'outcome', 'noted',
        'jobs_due_in', work.jobs_due_in,
        'schedules_due_in', work.schedules_due_in,
        'messages_due_in', work.messages_due_in
      )
    from supajobs.foresee_work(p_job_types) as work
  );
end
$$;

-- Takes a processor off that stops. Outcome: forgotten.
create function public.forget_plan_processor(p_worker_id text) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  delete from supajobs.processors where worker_id = p_worker_id;
  return '{"outcome": "forgotten"}';
end
$$;

revoke all on function
public.note_plan_processor,
public.forget_plan_processor
from public, anon, authenticated;
grant execute on function
public.note_plan_processor,
public.forget_plan_processor
to service_role;


-- 33_schedule_runs.sql

-- How the schedules' latest runs and calls went, where pg_cron and pg_net are there to tell.

-- After how many seconds a schedule of pg_cron runs again: '30 seconds', '* * * * *',
-- '*/5 * * * *', '17 * * * *', '0 */6 * * *', '0 3 * * *', '0 3 * * 1' and their names; null for
-- any other.
create function supajobs.schedule_seconds(p_schedule text) returns integer
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_schedule text := regexp_replace(lower(trim(p_schedule)), '\s+', ' ', 'g');
  v_step integer := substring(v_schedule from '(?:^|/)(\d{1,4})\M');
begin
  return case
    when v_schedule ~ '^\d{1,4} seconds?$' then v_step
    when v_schedule = '* * * * *' then 60
    when v_schedule ~ '^\*/\d{1,2} \* \* \* \*$' then 60 * v_step
    when v_schedule ~ '^(\d{1,2} \* \* \* \*|@hourly)$' then 3600
    when v_schedule ~ '^\d{1,2} \*/\d{1,2} \* \* \*$'
      then 3600 * substring(v_schedule from '/(\d+)')::integer
    when v_schedule ~ '^(\d{1,2} \d{1,2} \* \* \*|@daily|@midnight)$' then 86400
    when v_schedule ~ '^(\d{1,2} \d{1,2} \* \* [0-7a-z]+|@weekly)$' then 7 * 86400
  end;
end
$$;

-- The two schedules, and how their latest runs went, among the latest 1,000 of the project: `reach`
-- is the first of these where there are more.
create function supajobs.list_schedules()
returns table (
  name text,
  schedule text,
  active boolean,
  last_run_at timestamptz,
  last_run_status text,
  last_run_message text,
  keeps_failing boolean,
  reach timestamptz
)
language plpgsql
stable
set search_path = ''
as $$
begin
  if to_regclass('cron.job_run_details') is null then
    return;
  end if;
  return query
  with latest as (
    select details.* from cron.job_run_details as details
    order by details.runid desc
    limit 1000
  )

  select distinct on (job.jobname)
    job.jobname::text, -- a name in some versions of pg_cron
    job.schedule::text,
    job.active,
    run.started_at,
    run.statuses[1]::text,
    left(run.messages[1]::text, 500),
    coalesce('failed' = all(run.statuses[1:2]), false),
    (select case when count(*) = 1000 then min(latest.start_time) end from latest)
  from cron.job
  cross join lateral (
    select
      max(latest.start_time) as started_at,
      array_agg(latest.status order by latest.runid desc) as statuses,
      array_agg(latest.return_message order by latest.runid desc) as messages
    from latest
    where latest.jobid = job.jobid
  ) as run
  where
    job.jobname in ('supajobs_process', 'supajobs_cleanup')
    and job.database = current_database()
  order by job.jobname, job.active desc, job.jobid desc;
end
$$;

-- The last two calls of the trigger that are over: answered, or long enough ago.
create function supajobs.list_trigger_calls()
returns table (
  called_at timestamptz,
  answered_at timestamptz,
  status_code integer,
  error text,
  timed_out boolean
)
language plpgsql
stable
set search_path = ''
as $$
begin
  if to_regclass('net._http_response') is null then
    return;
  end if;
  return query
  select
    call.called_at,
    answer.created,
    answer.status_code,
    coalesce(answer.error_msg, case when answer.timed_out then 'timeout' end)::text,
    answer.timed_out
  from (
    select latest.request_id, latest.called_at
    from supajobs.trigger_calls as latest
    order by latest.called_at desc
    limit 10
  ) as call
  -- The answers of all calls of the project are in one table, without an index on their id.
  left join lateral (
    select response.* from net._http_response as response
    where
      response.created > call.called_at - interval '1 second'
      and response.created < call.called_at + interval '10 minutes'
      and response.id = call.request_id
    limit 1
  ) as answer on true
  where
    answer.id is not null
    or (
      -- pg_net waits for five seconds, perhaps after five others
      call.called_at < clock_timestamp() - interval '15 seconds'
      -- pg_net forgets its answers
      and call.called_at > clock_timestamp() - coalesce(
        nullif(current_setting('pg_net.ttl', true), '')::interval, interval '6 hours'
      )
    )
  order by call.called_at desc
  limit 2;
end
$$;


-- 34_trigger_health.sql

-- Whether the schedules do their work, and who else starts jobs.

-- {extensions: {pg_cron, pg_net, supabase_vault}, secrets: {supajobs_process_url,
-- supajobs_cron_secret}, process_url, schedules: [{name, schedule, period_seconds, active,
-- last_run_at, last_run_status, last_run_message, last_answer_at, last_answer_status,
-- last_answer_error, is_alive, reason}], processors: [{worker_id, version, concurrency, running,
-- started_at, seen_at, is_alive}]}
--
-- A schedule that was never made is not in the array. One is dead, and `reason` says what to do,
-- when it is switched off; when Vault lacks its secrets; when it has not started for three of its
-- periods (of days, where schedule_seconds cannot tell) since it was made; when its last two
-- runs have failed; or when neither of the last two calls that are over was answered with 2xx. So
-- one call that goes wrong, as while a server restarts, says nothing; and a trigger that dies is
-- seen within three periods.
--
-- Reads the latest 1,000 runs of all schedules of the project; of one that runs so rarely that it
-- is not among them nothing bad is said. processors: at most 100, the last seen first.
create function public.describe_plan_triggers() returns json
language plpgsql
stable
-- pg_cron shows its jobs and runs to their owner alone, and Vault its secrets. Of these it tells
-- what is above, to whoever may execute it: the service.
security definer
set search_path = ''
set enable_seqscan = off
set jit = off -- which takes longer to compile this than it runs
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_has_cron boolean := to_regclass('cron.job_run_details') is not null;
  v_has_net boolean := to_regclass('net._http_response') is not null;
  v_has_vault boolean := to_regclass('vault.decrypted_secrets') is not null;
  v_process_url text;
  v_has_cron_secret boolean := false;
begin
  if v_has_vault then
    begin
      select
        max(secret.decrypted_secret) filter (where secret.name = 'supajobs_process_url'),
        coalesce(bool_or(secret.name = 'supajobs_cron_secret'), false)
      into v_process_url, v_has_cron_secret
      from vault.decrypted_secrets as secret
      where
        secret.name in ('supajobs_process_url', 'supajobs_cron_secret')
        and secret.decrypted_secret is not null;
    exception when others then
      null; -- of another project's key: to the trigger, too, they are not there
    end;
  end if;

  return (
    with judged as (
      select
        job.*,
        supajobs.schedule_seconds(job.schedule) as period_seconds,
        call.answered_at,
        call.status_code,
        call.error,
        case
          when not job.active then format(
            'It is switched off: select cron.alter_job(jobid, active := true) from cron.job where '
            || 'jobname = %L;', job.name
          )
          when
            greatest(job.last_run_at, job.reach, made.scheduled_at, '-infinity')
            < v_now - make_interval(
              secs => 3 * coalesce(supajobs.schedule_seconds(job.schedule), 86400) + 5
            )
            then format(
              'pg_cron has not run it %s: see cron.job_run_details; if nothing else runs either, '
              || 'restart the project.',
              coalesce(
                'since '
                || to_char(job.last_run_at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS "UTC"'),
                'yet'
              )
            )
          when job.name = 'supajobs_process' and (v_process_url is null or not v_has_cron_secret)
            then 'Vault lacks its secrets: select vault.create_secret(''https://…/v1/queue/process'', '
            || '''supajobs_process_url''), vault.create_secret(''<CRON_SECRET of the API>'', '
            || '''supajobs_cron_secret'');'
          when job.keeps_failing then format('It fails: %s', split_part(job.last_run_message, e'\n', 1))
          when job.name <> 'supajobs_process' or call.is_bad is not true then null
          when call.answered_at is null
            then 'pg_net has not made its last calls: select net.worker_restart();'
          when call.status_code in (401, 403) then format(
            'The processor refuses its secret (%s): CRON_SECRET of the API is not the Vault '
            || 'secret supajobs_cron_secret.', call.status_code
          )
          when call.status_code between 300 and 499 then format(
            'There is no processor at its address (%s): the Vault secret supajobs_process_url is '
            || 'https://<your api>/v1/queue/process.', call.status_code
          )
          when call.status_code is not null then format(
            'The processor''s server fails (%s): see the log of the API, and whether it has a '
            || 'CRON_SECRET.', call.status_code
          )
          when call.timed_out
            then 'The processor did not answer within 5 seconds: see whether the API is '
            || 'overloaded, and the Vault secret supajobs_process_url its address.'
          else format(
            'The processor cannot be reached (%s): see whether the API runs, and the Vault secret '
            || 'supajobs_process_url is its address.', call.error
          )
        end as reason
      from supajobs.list_schedules() as job
      left join supajobs.trigger_schedules as made on job.name = made.name
      left join (
        select
          each.*,
          bool_and(each.status_code between 200 and 299 is not true) over () as is_bad
        from supajobs.list_trigger_calls() as each
        order by each.called_at desc
        limit 1
      ) as call on job.name = 'supajobs_process'
    )

    select
      json_build_object(
        'extensions', json_build_object(
          'pg_cron', v_has_cron, 'pg_net', v_has_net, 'supabase_vault', v_has_vault
        ),
        'secrets', json_build_object(
          'supajobs_process_url', v_process_url is not null,
          'supajobs_cron_secret', v_has_cron_secret
        ),
        'process_url', v_process_url,
        'schedules', (
          select
            coalesce(
              json_agg(
                json_build_object(
                  'name', judged.name,
                  'schedule', judged.schedule,
                  'period_seconds', judged.period_seconds,
                  'active', judged.active,
                  'last_run_at', judged.last_run_at,
                  'last_run_status', judged.last_run_status,
                  'last_run_message', judged.last_run_message,
                  'last_answer_at', judged.answered_at,
                  'last_answer_status', judged.status_code,
                  'last_answer_error', judged.error,
                  'is_alive', judged.reason is null,
                  'reason', judged.reason
                ) order by judged.name desc
              ),
              '[]'
            )
          from judged
        ),
        'processors', (
          select coalesce(json_agg(row_to_json(processor)), '[]')
          from (
            select
              each.worker_id,
              each.version,
              each.concurrency,
              each.running,
              each.started_at,
              each.seen_at,
              each.seen_at > v_now - interval '90 seconds' as is_alive
            from supajobs.processors as each
            order by each.seen_at desc
            limit 100
          ) as processor
        )
      )
  );
end
$$;

-- The same for the eye: one row for each schedule that there should be.
create view public.plan_trigger_health with (security_invoker = true) as
select
  wanted.name,
  schedule.schedule,
  schedule.last_run_at,
  schedule.last_run_status,
  schedule.last_run_message,
  schedule.last_answer_at,
  schedule.last_answer_status,
  schedule.last_answer_error,
  coalesce(schedule.is_alive, false) as is_alive,
  case
    when schedule.name is not null then schedule.reason
    else 'It was never made: select public.schedule_plan_job_processing();'
  end as reason
from (values ('supajobs_process'), ('supajobs_cleanup')) as wanted (name)
left join json_to_recordset(public.describe_plan_triggers() -> 'schedules') as schedule (
  name text,
  schedule text,
  last_run_at timestamptz,
  last_run_status text,
  last_run_message text,
  last_answer_at timestamptz,
  last_answer_status integer,
  last_answer_error text,
  is_alive boolean,
  reason text
) on wanted.name = schedule.name;
comment on view public.plan_trigger_health is
'Whether the schedules start and clean up jobs, and if not, what to do about it.';
revoke all on table public.plan_trigger_health from public, anon, authenticated, service_role;
grant select on table public.plan_trigger_health to service_role;

revoke all on function public.describe_plan_triggers from public, anon, authenticated;
grant execute on function public.describe_plan_triggers to service_role;


-- 35_scale.sql

-- How many workers the backlog wants, for what starts and stops them.

-- Whether something waits for a worker that is no job yet: held ones whose parents have ended, a
-- schedule that is due, a message to send. Without this, nobody would come who was away.
create function supajobs.has_errands() returns boolean
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  return
    exists (select from supajobs.news where not is_stuck)
    or exists (
      select from public.plan_job_schedules as schedule
      where schedule.paused_at is null and schedule.next_run_at <= v_now
    )
    or exists (
      select from supajobs.deliveries as delivery
      -- What is older than a day, nobody here sends.
      where delivery.run_at between v_now - interval '1 day' and v_now
    );
end
$$;

-- {job_types: [{job_type, due, running, workers}], total: {due, running, workers},
-- jobs_per_worker}, of the types that have any.
--
-- workers: (due + running) / p_jobs_per_worker (WORKER_CONCURRENCY), rounded up. due: as many as
-- may start within a minute, by the limits of their type, so that nobody is started to wait;
-- counted up to 10,000 of each type in its lanes, and of all that were put off and are due. The
-- total is that of all jobs together, for workers take jobs of any type; and one at least, where
-- something else waits that only a worker does.
create function public.describe_plan_scale(p_jobs_per_worker integer default 10) returns json
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
set jit = off
as $$
begin
  if (p_jobs_per_worker between 1 and 1000) is not true then
    raise sqlstate 'PT422' using
      message = 'A worker runs between 1 and 1000 jobs.',
      detail = 'jobs_per_worker_out_of_range';
  end if;

  return (
    with found (job_type, due, running) as (
      select lane.job_type, waiting.jobs, 0::bigint
      from (select distinct each.job_type from supajobs.lanes as each) as lane
      cross join lateral (
        select count(*) as jobs
        from (
          select from public.plan_generation_jobs as job
          where
            job.status = 'pending' and job.job_type = lane.job_type and job.turn is not null
          limit 10000
        ) as counted
      ) as waiting
      union all
      select later.job_type, count(*), 0
      from (
        select job.job_type
        from public.plan_generation_jobs as job
        where
          job.status = 'pending' and job.turn is null and not job.is_held
          and job.run_at <= clock_timestamp()
        limit 10000
      ) as later
      group by later.job_type
      union all
      select job.job_type, 0, count(*)
      from public.plan_generation_jobs as job
      where job.status = 'processing'
      group by job.job_type
    ),

    summed as (
      select found.job_type, sum(found.due) as due, sum(found.running) as running
      from found
      group by found.job_type
      having sum(found.due + found.running) > 0
    ),

    wanted as (
      select
        summed.job_type,
        summed.running,
        greatest(
          0, least(summed.due, type.max_running - summed.running, type.starts_per_minute)
        ) as due
      from summed
      left join public.plan_job_types as type on summed.job_type = type.job_type
    ),

    counted as (
      select
        wanted.job_type,
        grouping(wanted.job_type) = 1 as is_total,
        coalesce(sum(wanted.due), 0) as due,
        coalesce(sum(wanted.running), 0) as running,
        coalesce(ceil(sum(wanted.due + wanted.running) / p_jobs_per_worker), 0) as workers
      from wanted
      group by grouping sets ((wanted.job_type), ())
    )

    select
      json_build_object(
        'job_types',
        coalesce(
          json_agg(
            json_build_object(
              'job_type', counted.job_type, 'due', counted.due, 'running', counted.running,
              'workers', counted.workers
            )
            order by counted.job_type
          ) filter (where not counted.is_total),
          '[]'
        ),
        'total',
        (
          select
            json_build_object(
              'due', each.due,
              'running', each.running,
              'workers', greatest(each.workers, supajobs.has_errands()::integer)
            )
          from counted as each
          where each.is_total
        ),
        'jobs_per_worker', p_jobs_per_worker
      )
    from counted
  );
end
$$;

revoke all on function public.describe_plan_scale from public, anon, authenticated;
grant execute on function public.describe_plan_scale to service_role;


-- 36_worker_calls.sql

-- Telling workers of new jobs, where the project has Realtime: those that are always on look seldom
-- while nothing comes. Off until start_plan_worker_calls is called; before that, an enqueue pays
-- nothing.
--
-- A request of a job that is due is a private broadcast to the topic supajobs:workers, event jobs,
-- with {worker_ids}: of those that listen, have a place free and have code for it, as many as the
-- jobs need, and three at least; not all of a fleet are to ask for one job. At most once a second
-- for each job type; who is called looks again a little later, for what came within that second.
-- Where a call is lost, the next look of any worker finds the job.

create table supajobs.worker_calls (
  slot integer generated always as identity primary key,
  job_type text not null,
  called_at timestamptz not null
);
create index worker_calls_by_type on supajobs.worker_calls (job_type);
comment on table supajobs.worker_calls is
'When workers were last called for jobs of a type: a row for each transaction that did so at the '
'same time.';

create function supajobs.call_workers() returns trigger
language plpgsql
volatile
security definer -- for the rights on Realtime's tables, whoever requests the job
set search_path = ''
set lock_timeout = '100ms' -- no request waits for who changes Realtime's tables
as $$
declare
  v_job_type text;
  v_jobs bigint;
  v_worker_ids text[] := '{}';
begin
  for v_job_type, v_jobs in
    select job.job_type, count(*)
    from requested as job
    where job.status = 'pending' and job.run_at <= now()
    group by job.job_type
  loop
    continue when exists (
      select from supajobs.worker_calls
      where job_type = v_job_type and called_at >= clock_timestamp() - interval '1 second'
    );
    -- Whoever finds all rows taken makes another: no request waits for another.
    update supajobs.worker_calls set called_at = clock_timestamp()
    where slot = (
      select slot from supajobs.worker_calls where job_type = v_job_type
      limit 1
      for update skip locked
    );
    if not found then
      insert into supajobs.worker_calls (job_type, called_at)
      values (v_job_type, clock_timestamp());
    end if;
    v_worker_ids := v_worker_ids || array(
      select called.worker_id
      from (
        select
          free.worker_id,
          row_number() over in_turn as number,
          sum(free.places) over in_turn - free.places as places_before
        from (
          select
            processor.worker_id,
            -- Not by what it has said: that may be from before it took its last ones.
            processor.concurrency - coalesce(busy.jobs, 0) as places
          from supajobs.processors as processor
          left join (
            select job.worker_id, count(*) as jobs
            from public.plan_generation_jobs as job
            where job.status = 'processing'
            group by job.worker_id
          ) as busy on processor.worker_id = busy.worker_id
          where
            processor.listens
            and processor.seen_at > clock_timestamp() - interval '90 seconds'
            and (processor.job_types is null or v_job_type = any(processor.job_types))
        ) as free
        where free.places > 0
        window in_turn as (order by random())
      ) as called
      where called.number <= 3 or called.places_before < v_jobs
    );
  end loop;
  if v_worker_ids <> '{}' then
    perform realtime.send(
      jsonb_build_object('worker_ids', v_worker_ids), 'jobs', 'supajobs:workers', true
    );
  end if;
  return null;
exception when others then
  raise warning 'supajobs: a new job did not call a worker: %', sqlerrm;
  return null;
end
$$;

-- Starts the calls, if Realtime is there. Nobody but the service hears or sends them, whatever
-- other policies let users do. Outcomes: started | unavailable.
create function public.start_plan_worker_calls() returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  if not supajobs.has_realtime() then
    raise notice 'supajobs: Realtime is not available here; workers are not called';
    return '{"outcome": "unavailable"}';
  end if;

  if not exists (
    select from pg_catalog.pg_policies
    where
      schemaname = 'realtime'
      and tablename = 'messages'
      and policyname = 'plan_worker_calls_are_for_the_service'
  ) then
    create policy plan_worker_calls_are_for_the_service
    on realtime.messages as restrictive to anon, authenticated
    using ((select realtime.topic()) is distinct from 'supajobs:workers');
  end if;

  create or replace trigger plan_generation_jobs_call_workers
  after insert on public.plan_generation_jobs
  referencing new table as requested
  for each statement
  execute function supajobs.call_workers();
  return '{"outcome": "started"}';
end
$$;

-- Stops them. Outcome: stopped.
create function public.stop_plan_worker_calls() returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  drop trigger if exists plan_generation_jobs_call_workers on public.plan_generation_jobs;
  return '{"outcome": "stopped"}';
end
$$;

revoke all on function
public.start_plan_worker_calls,
public.stop_plan_worker_calls
from public, anon, authenticated, service_role;


-- 39_figures.sql

-- What waits, runs and has lately ended, for the people who run the queue.

-- Since when the oldest due job of each type has waited: from when it was due, or from when a
-- worker gave it back or lost it. A bounded look, for no index is in this order: the first 100 of
-- each lane, and of what is due and not yet promoted. As users take turns, a job further back in a
-- lane may be older than the first 100; the figure is then too low.
create function supajobs.oldest_due_jobs() returns table (
  job_type text, due_since timestamptz
)
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  return query
  select
    due.job_type,
    min(
      case
        when due.started_at > due.run_at then due.updated_at
        else greatest(due.run_at, due.created_at)
      end
    )
  from (
    select first.*
    from supajobs.lanes as lane
    cross join lateral (
      select job.job_type, job.run_at, job.created_at, job.started_at, job.updated_at
      from public.plan_generation_jobs as job
      where
        job.status = 'pending'
        and job.job_type = lane.job_type
        and job.priority = lane.priority
        and job.turn >= lane.floor
      order by job.turn, job.id
      limit 100
    ) as first
    union all
    (
      select job.job_type, job.run_at, job.created_at, job.started_at, job.updated_at
      from public.plan_generation_jobs as job
      where
        job.status = 'pending' and job.turn is null and not job.is_held and job.run_at <= v_now
      order by job.run_at
      limit 100
    )
  ) as due
  group by due.job_type;
end
$$;

-- {job_types: [{job_type, pending, scheduled, processing, capped, oldest_pending_seconds,
-- completed, failed, cancelled, retrying, released, suspended, crashed, success_rate,
-- throughput_per_minute, duration_p50, duration_p95}], total: {the same over all types},
-- window_seconds}.
--
-- pending: due. scheduled: waits for its run_at, suspended or not, or is held. capped: there are
-- more, for the counting stops: at 100,000 jobs of a type in its lanes, and at 10,000 of all types
-- together that wait for their run_at, and that are held, whose types are not in their index. To
-- count a million in lanes and a million put off took 850 ms.
--
-- completed to duration_p95 are of the attempts that ended in the last window_seconds: an hour, or
-- as far back as the latest 10,000 reach that completed, and the latest 10,000 that did not. The
-- latter are of the jobs that were requested last, for job ids are in time order and no index is on
-- ended_at: where more than 10,000 of them end in an hour, those of jobs that had waited for longer
-- are missed.
-- failed: those that failed by their last crash, too. throughput_per_minute: completed jobs.
-- Durations: of completed attempts, in seconds.
create function public.describe_plan_queue() returns json
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
set jit = off -- which takes longer to compile this than it runs
as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  return (
    with completed as (
      select job.job_type, 'completed' as outcome, job.started_at, job.completed_at as ended_at
      from public.plan_generation_jobs as job
      where job.status = 'completed' and job.completed_at >= v_now - interval '1 hour'
      order by job.completed_at desc
      limit 10000
    ),

    unsuccessful as (
      select
        attempt.job_id, attempt.job_type, attempt.outcome, attempt.started_at, attempt.ended_at
      from supajobs.unsuccessful_attempts as attempt
      order by attempt.job_id desc
      limit 10000
    ),

    later as (
      select job.job_type, job.run_at
      from public.plan_generation_jobs as job
      where job.status = 'pending' and job.turn is null and not job.is_held
      order by job.run_at
      limit 10000
    ),

    held as (
      select job.job_type
      from public.plan_generation_jobs as job
      where job.status = 'pending' and job.is_held
      limit 10000
    ),

    -- A job also fails by its last crash.
    crashed_for_good as (
      select unsuccessful.job_type, 'failed' as outcome, unsuccessful.ended_at
      from unsuccessful
      inner join public.plan_generation_jobs as job
        on unsuccessful.job_id = job.id and unsuccessful.ended_at = job.completed_at
      where unsuccessful.outcome = 'crashed' and job.status = 'failed'
    ),

    latest as (
      select job_type, outcome, started_at, ended_at from completed
      union all
      select job_type, outcome, started_at, ended_at from unsuccessful
      union all
      select job_type, outcome, null, ended_at from crashed_for_good
    ),

    reach as (
      select
        greatest(
          v_now - interval '1 hour',
          (select min(ended_at) from completed having count(*) = 10000),
          (select min(ended_at) from unsuccessful having count(*) = 10000)
        ) as ended_since,
        10000 in ((select count(*) from later), (select count(*) from held)) as is_capped
    ),

    facts (
      job_type, pending, scheduled, processing, capped, due_since, outcome, seconds
    ) as (
      select
        type.job_type, 0::bigint, 0::bigint, 0::bigint, false, null::timestamptz, null::text,
        null::double precision
      from public.plan_job_types as type
      union all
      select lane.job_type, waiting.jobs, 0, 0, waiting.jobs = 100000, null, null, null
      from (select distinct each.job_type from supajobs.lanes as each) as lane
      cross join lateral (
        select count(*) as jobs
        from (
          select from public.plan_generation_jobs as job
          where
            job.status = 'pending' and job.job_type = lane.job_type and job.turn is not null
          limit 100000
        ) as counted
        having count(*) > 0
      ) as waiting
      union all
      select
        later.job_type,
        count(*) filter (where later.run_at <= v_now),
        count(*) filter (where later.run_at > v_now),
        0, false, null, null, null
      from later
      group by later.job_type
      union all
      select held.job_type, 0, count(*), 0, false, null, null, null from held
      group by held.job_type
      union all
      select job.job_type, 0, 0, count(*), false, null, null, null
      from public.plan_generation_jobs as job
      where job.status = 'processing'
      group by job.job_type
      union all
      select oldest.job_type, 0, 0, 0, false, oldest.due_since, null, null
      from supajobs.oldest_due_jobs() as oldest
      union all
      select
        latest.job_type, 0, 0, 0, false, null, latest.outcome,
        extract(epoch from latest.ended_at - latest.started_at)
      from latest
      cross join reach
      where latest.ended_at >= reach.ended_since
    ),

    summed as (
      select
        facts.job_type,
        grouping(facts.job_type) = 1 as is_total,
        coalesce(sum(facts.pending), 0) as pending,
        coalesce(sum(facts.scheduled), 0) as scheduled,
        coalesce(sum(facts.processing), 0) as processing,
        coalesce(bool_or(facts.capped), false) as capped,
        min(facts.due_since) as due_since,
        count(*) filter (where facts.outcome = 'completed') as completed,
        count(*) filter (where facts.outcome = 'failed') as failed,
        count(*) filter (where facts.outcome = 'cancelled') as cancelled,
        count(*) filter (where facts.outcome = 'retrying') as retrying,
        count(*) filter (where facts.outcome = 'released') as released,
        count(*) filter (where facts.outcome = 'suspended') as suspended,
        count(*) filter (where facts.outcome = 'crashed') as crashed,
        percentile_cont(array[0.5, 0.95]) within group (order by facts.seconds)
        filter (where facts.outcome = 'completed') as durations
      from facts
      group by grouping sets ((facts.job_type), ())
    ),

    figures as (
      select
        summed.is_total,
        json_build_object(
          'job_type', summed.job_type,
          'pending', summed.pending,
          'scheduled', summed.scheduled,
          'processing', summed.processing,
          'capped', summed.capped or reach.is_capped,
          'oldest_pending_seconds', extract(epoch from v_now - summed.due_since),
          'completed', summed.completed,
          'failed', summed.failed,
          'cancelled', summed.cancelled,
          'retrying', summed.retrying,
          'released', summed.released,
          'suspended', summed.suspended,
          'crashed', summed.crashed,
          'success_rate',
          summed.completed::double precision / nullif(summed.completed + summed.failed, 0),
          'throughput_per_minute',
          summed.completed * 60 / extract(epoch from v_now - reach.ended_since)::double precision,
          'duration_p50', summed.durations[1],
          'duration_p95', summed.durations[2]
        ) as answer,
        summed.job_type
      from summed
      cross join reach
    )

    select
      json_build_object(
        'job_types',
        coalesce(
          json_agg(figures.answer order by figures.job_type) filter (where not figures.is_total),
          '[]'
        ),
        'total',
        (select total.answer::jsonb - 'job_type' from figures as total where total.is_total),
        'window_seconds', (select extract(epoch from v_now - reach.ended_since) from reach)
      )
    from figures
  );
end
$$;

revoke all on function public.describe_plan_queue from public, anon, authenticated;
grant execute on function public.describe_plan_queue to service_role;


-- 40_health.sql

-- Whether the queue does its work, in words for people and codes for alerts.

-- Who keeps the dead rows of the queue from being removed: {kind: session | prepared transaction |
-- replication slot, name, pid?, since?}, the oldest one; null for nobody. Sessions and prepared
-- transactions count from p_min_age on; an unused slot, whose age Postgres does not tell, from
-- 10,000 transactions on.
create function supajobs.find_vacuum_blocker(
  p_min_age interval default '15 minutes'
) returns json
language plpgsql
stable
-- Others' transactions are shown to members of pg_monitor alone. It tells who and since when, never
-- what they do, to whoever may execute it: the service.
security definer
set search_path = ''
as $$
declare
  v_since timestamptz := clock_timestamp() - p_min_age;
begin
  return (
    select json_strip_nulls(row_to_json(blocker))
    from (
      select
        'session' as kind,
        coalesce(nullif(session.application_name, ''), session.usename::text) as name,
        session.pid,
        session.xact_start as since
      from pg_catalog.pg_stat_activity as session
      where
        session.datname = current_database()
        and session.pid <> pg_backend_pid()
        and session.xact_start < v_since
        and (session.backend_xmin is not null or session.backend_xid is not null)
        and session.backend_type <> 'autovacuum worker'
      union all
      select 'prepared transaction', prepared.gid, null, prepared.prepared
      from pg_catalog.pg_prepared_xacts as prepared
      where prepared.database = current_database() and prepared.prepared < v_since
      union all
      select 'replication slot', slot.slot_name::text, null, null
      from pg_catalog.pg_replication_slots as slot
      where not slot.active and age(slot.xmin) > 10000
      order by since nulls last
      limit 1
    ) as blocker
  );
end
$$;

-- Whether the queue does its work: {status: healthy | degraded | unhealthy, reasons: [{code,
-- status, message, jobs?, job_type?, seconds?}]}, the worst reason first; the status is its own.
--
-- database_read_only: nothing can be changed, as Supabase has it at a full disk; the only reason
-- then, for all others would follow from it.
-- stuck_jobs: jobs run although their max_runtime and their last lease are over.
-- expired_leases: jobs whose worker has been silent for longer than a sweep takes to notice.
-- nobody_claims: claims sweep, at least once in ten seconds, and none has for p_silent_seconds, or
-- ever. Unhealthy if jobs are due.
-- old_backlog: the oldest due job has waited for p_old_seconds, or (unhealthy) for
-- p_very_old_seconds. Jobs of types that are held back by a limit of 0 wait as they should.
-- no_handler: jobs have been due for a minute, processors were seen in the last 90 seconds, and
-- none of them has code for the type.
-- dead_trigger: a schedule that was made does not do its work (describe_plan_triggers). Unhealthy
-- if it is the one that starts jobs, jobs are due, and nobody else seems to be there to start them:
-- no processor was seen, and none has claimed for a minute. A project without schedules, with
-- workers that are always on, is none the worse for it: nobody_claims tells of those.
-- late_schedules: recurring jobs are late by two periods or more: nobody takes them, or they cannot
-- be read. It names the one that is late the longest.
-- old_snapshot: somebody's old transaction keeps many dead rows from being removed.
-- dead_tuples: there are many, nobody keeps them, and the last vacuum was ten minutes ago or more.
-- Many: 20,000, and a fifth of the live rows.
--
-- As cheap as a claim's own look: it reads what runs, the head of each lane, the latest runs of the
-- trigger's schedules, and the recurring jobs that are overdue.
create function public.check_plan_queue(
  p_unswept_seconds integer default 60,
  p_silent_seconds integer default 180,
  p_old_seconds integer default 300,
  p_very_old_seconds integer default 3600
) returns json
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
set jit = off -- which takes longer to compile this than it runs
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_schedules json := public.describe_plan_triggers() -> 'schedules';
  v_dead bigint := pg_stat_get_dead_tuples('public.plan_generation_jobs'::regclass);
  v_live bigint := pg_stat_get_live_tuples('public.plan_generation_jobs'::regclass);
  v_vacuumed_at timestamptz := greatest(
    pg_stat_get_last_vacuum_time('public.plan_generation_jobs'::regclass),
    pg_stat_get_last_autovacuum_time('public.plan_generation_jobs'::regclass)
  );
  v_has_many_dead boolean := v_dead > greatest(20000, v_live / 5);
  v_blocker json;
begin
  if current_setting('default_transaction_read_only')::boolean or pg_is_in_recovery() then
    return json_build_object(
      'status', 'unhealthy',
      'reasons', json_build_array(
        json_build_object(
          'code', 'database_read_only',
          'status', 'unhealthy',
          'message', 'The database is read-only, so no job is enqueued, claimed or settled: see '
          || 'whether its disk is full (Dashboard: Reports), and make room or enlarge it. What '
          || 'runs is settled when that is over.'
        )
      )
    );
  end if;

  if v_has_many_dead then
    v_blocker := supajobs.find_vacuum_blocker();
  end if;

  return (
    with running as (
      select
        count(*) filter (
          where
          v_now > job.started_at
          + make_interval(secs => job.max_runtime_seconds + job.lease_seconds)
        ) as stuck,
        count(*) filter (
          where v_now > job.lease_expires_at + make_interval(secs => p_unswept_seconds)
        ) as expired
      from public.plan_generation_jobs as job
      where job.status = 'processing'
    ),

    due as (
      select due.job_type, extract(epoch from v_now - due.due_since) as seconds
      from supajobs.oldest_due_jobs() as due
      left join public.plan_job_types as type on due.job_type = type.job_type
      where (0 in (type.max_running, type.starts_per_minute)) is not true
    ),

    oldest as (
      select due.job_type, due.seconds from due
      order by due.seconds desc
      limit 1
    ),

    seen as (
      select processor.job_types from supajobs.processors as processor
      where processor.seen_at > v_now - interval '90 seconds'
    ),

    unknown as (
      select due.job_type, due.seconds
      from due
      where
        due.seconds > 60 -- what has the code may just be starting
        and exists (select from seen)
        and not exists (
          select from seen
          where seen.job_types is null or due.job_type = any(seen.job_types)
        )
    ),

    sweep as (
      select
        nullif(last.swept_at, '-infinity') as swept_at,
        last.swept_at < v_now - make_interval(secs => p_silent_seconds) as is_silent,
        last.swept_at < v_now - interval '1 minute'
        and not exists (
          select from supajobs.processors as processor
          where processor.seen_at > v_now - interval '90 seconds'
        ) as nobody_is_there,
        exists (select from oldest) as some_are_due
      from supajobs.sweeps as last
      where last.name = 'leases'
    ),

    late as (
      select
        schedule.id, schedule.name, schedule.job_type,
        count(*) over () as schedules,
        extract(epoch from v_now - schedule.next_run_at) as seconds
      from public.plan_job_schedules as schedule
      where
        schedule.paused_at is null
        and schedule.next_run_at < v_now - interval '2 minutes'
        and schedule.next_run_at < v_now - make_interval(secs => 2.0 * schedule.period_seconds)
      order by schedule.next_run_at
      limit 1
    ),

    reasons (code, status, message, jobs, job_type, seconds) as (
      select
        'stuck_jobs', 'degraded',
        format(
          '%s of the running jobs should have ended: start `supajobs work`, whose claims take '
          || 'them back; if it runs, look for who holds them locked (pg_stat_activity).',
          running.stuck
        ),
        running.stuck, null::text, null::numeric
      from running
      where running.stuck > 0
      union all
      select
        'expired_leases', 'degraded',
        format(
          '%s of the running jobs lost their worker: start `supajobs work`, whose claims take '
          || 'them back, or check the schedule (plan_trigger_health); if they are there, see the '
          || 'warnings in the log of Postgres.',
          running.expired
        ),
        running.expired, null, null
      from running
      where running.expired > 0
      union all
      select
        'nobody_claims',
        case when sweep.some_are_due then 'unhealthy' else 'degraded' end,
        format(
          'No processor has asked for jobs %s: start `supajobs work`, or check the schedule '
          || '(plan_trigger_health).',
          coalesce(
            'since ' || to_char(sweep.swept_at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS "UTC"'),
            'yet'
          )
        ),
        null, null, extract(epoch from v_now - sweep.swept_at)
      from sweep
      where sweep.is_silent
      union all
      select
        'old_backlog',
        case when oldest.seconds > p_very_old_seconds then 'unhealthy' else 'degraded' end,
        format(
          'A job of type "%s" has been due for %s s: start more workers that know the type, or '
          || 'raise its limits (plan_job_types).',
          oldest.job_type, floor(oldest.seconds)
        ),
        null, oldest.job_type, oldest.seconds
      from oldest
      where oldest.seconds > p_old_seconds
      union all
      select
        'no_handler', 'degraded',
        format(
          'Jobs of type "%1$s" are due, and no processor that was lately seen has code for them: '
          || 'name its module in JOB_MODULES, or start the program whose job types it is among.',
          unknown.job_type
        ),
        null, unknown.job_type, unknown.seconds
      from unknown
      union all
      select
        'dead_trigger',
        case
          when
            schedule.name = 'supajobs_process' and sweep.some_are_due and sweep.nobody_is_there
            then 'unhealthy'
          else 'degraded'
        end,
        format('The schedule %s does not do its work. %s', schedule.name, schedule.reason),
        null, null, null
      from json_to_recordset(v_schedules) as schedule (name text, is_alive boolean, reason text)
      cross join sweep
      where not schedule.is_alive
      union all
      select
        'late_schedules', 'degraded',
        format(
          'Of the recurring jobs, %s are late by two periods or more, "%s" (%s) for %s s: start '
          || '`supajobs work`, or check the trigger (plan_trigger_health); if they are well, look '
          || 'for schedule_unreadable in the log of the processors.',
          late.schedules, late.name, late.id, floor(late.seconds)
        ),
        null, late.job_type, late.seconds
      from late
      union all
      select
        'old_snapshot', 'degraded',
        format(
          'A %s (%s) keeps %s dead rows of plan_generation_jobs from being removed, and calls '
          || 'grow slower with them: %s',
          blocker.kind, blocker.name, v_dead,
          case blocker.kind
            when 'session' then format(
              'see what it does, and end it: select pid, state, query from pg_stat_activity where '
              || 'pid = %1$s; select pg_terminate_backend(%1$s);', blocker.pid
            )
            when 'prepared transaction' then format('rollback prepared %L;', blocker.name)
            else format(
              'if nobody needs it: select pg_drop_replication_slot(%L);', blocker.name
            )
          end
        ),
        null, null, extract(epoch from v_now - blocker.since)
      from json_to_record(v_blocker) as blocker (
        kind text, name text, pid integer, since timestamptz
      )
      where v_blocker is not null
      union all
      select
        'dead_tuples', 'degraded',
        format(
          'plan_generation_jobs has %s dead rows to %s live ones, and was last vacuumed %s: vacuum '
          || 'analyze public.plan_generation_jobs; and see why autovacuum does not (its settings, '
          || 'or locks on the table).',
          v_dead, v_live,
          coalesce(
            to_char(v_vacuumed_at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS "UTC"'), 'never'
          )
        ),
        null, null, extract(epoch from v_now - v_vacuumed_at)
      where
        v_has_many_dead
        and v_blocker is null
        and (v_vacuumed_at < v_now - interval '10 minutes') is not false
    )

    select
      json_build_object(
        'status', coalesce(max(reasons.status), 'healthy'), -- the worse is later in the alphabet
        'reasons',
        coalesce(
          json_agg(json_strip_nulls(row_to_json(reasons)) order by reasons.status desc),
          '[]'
        )
      )
    from reasons
  );
end
$$;

revoke all on function public.check_plan_queue from public, anon, authenticated;
grant execute on function public.check_plan_queue to service_role;


-- 41_views.sql

-- What the people who run the queue look at in the dashboard: what waits and runs, what of it
-- should not be running any more, what goes wrong, how much and how fast, and one job's story.

create view public.plan_jobs_active with (security_invoker = true) as
select
  job.id as job_id,
  job.user_id,
  job.job_type,
  job.priority,
  job.created_at,
  job.run_at,
  job.retry_count,
  job.crash_count,
  job.trace_id,
  case
    when job.is_held then 'held'
    when job.status = 'pending' and job.run_at > now() then 'scheduled'
    else job.status
  end as state,
  case
    when job.status = 'processing' or job.is_held or job.run_at > now() then null
    when job.started_at > job.run_at then job.updated_at
    else greatest(job.run_at, job.created_at)
  end as due_since
from public.plan_generation_jobs as job
where
  -- All that is pending, in the words of the three indexes that have it between them.
  (job.status = 'pending' and job.turn is not null)
  or (job.status = 'pending' and job.turn is null and not job.is_held)
  or (job.status = 'pending' and job.is_held)
  or job.status = 'processing';
comment on view public.plan_jobs_active is
'Jobs that have not ended. state: pending (due), scheduled (waits for its run_at), held (waits
for other jobs) or processing. due_since: when it was due, or given back by a worker. Reads what
waits and runs, by their indexes; finished jobs cost nothing.';
revoke all on table public.plan_jobs_active from public, anon, authenticated, service_role;
grant select on table public.plan_jobs_active to service_role;

create view public.plan_jobs_stuck with (security_invoker = true) as
with running as (
  select
    job.id,
    job.user_id,
    job.job_type,
    job.worker_id,
    job.started_at,
    job.lease_seconds,
    job.lease_expires_at,
    job.max_runtime_seconds,
    job.crash_count,
    job.max_crashes,
    job.started_at + make_interval(secs => job.max_runtime_seconds) as deadline
  from public.plan_generation_jobs as job
  where job.status = 'processing'
),

judged as (
  select
    running.*,
    case
      -- Heartbeats extend a lease until one lease after the deadline: who has come that far was
      -- not silent, but late.
      when
        running.lease_expires_at < now()
        and running.lease_expires_at < running.deadline
        + make_interval(secs => running.lease_seconds)
        then 'lease_expired'
      when running.deadline < now() then 'over_max_runtime'
    end as reason
  from running
)

select
  judged.id as job_id,
  judged.user_id,
  judged.job_type,
  judged.worker_id,
  judged.started_at,
  judged.lease_expires_at,
  judged.max_runtime_seconds,
  judged.crash_count,
  judged.max_crashes,
  judged.reason,
  case judged.reason
    when 'lease_expired' then judged.lease_expires_at
    else judged.deadline
  end as since,
  case judged.reason
    when 'lease_expired'
      then
        'Its worker went silent. Claims take it back within ten seconds: start `supajobs work`, '
        || 'or check the schedule (cron.job_run_details). If workers claim and it stays, look for '
        || 'who holds it locked (pg_stat_activity).'
    else
      'Its worker did not stop it in time: look into the log of that worker, or restart it. Claims '
      || 'take the job back once its lease is over.'
  end as what_to_do
from judged
where judged.reason is not null;
comment on view public.plan_jobs_stuck is
'Running jobs that should not be running any more. reason: lease_expired (the worker went silent) or
over_max_runtime (it sent heartbeats, but did not stop the job); since: when that came to be. A job
whose lease ran out seconds ago is here until the next sweep. Reads what runs, by its index.';
revoke all on table public.plan_jobs_stuck from public, anon, authenticated, service_role;
grant select on table public.plan_jobs_stuck to service_role;

-- A message without what differs from job to job, so that the same error of a thousand jobs is one
-- line: what is quoted becomes '…', a uuid, or another word of 16 characters or more with a digit
-- in it, <id>, and a number <n>.
create function supajobs.error_pattern(p_message text) returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
declare
  v_pattern text := left(p_message, 500);
begin
  -- A quote within a word is an apostrophe.
  v_pattern := regexp_replace(
    v_pattern, $re$(?<!\w)'[^']*'(?!\w)|"[^"]*"|`[^`]*`|“[^”]*”$re$, '''…''', 'g'
  );
  v_pattern := regexp_replace(
    v_pattern, '\m([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=\w*\d)\w{16,})\M', '<id>', 'gi'
  );
  return regexp_replace(v_pattern, '\d+([.,:]\d+)*', '<n>', 'g');
end
$$;

create view public.plan_job_errors with (security_invoker = true) as
select
  attempt.job_id,
  job.user_id,
  attempt.job_type,
  attempt.worker_id,
  attempt.outcome,
  attempt.ended_at,
  attempt.cause,
  job.status = 'failed' and job.completed_at = attempt.ended_at as has_failed,
  coalesce(attempt.error ->> 'code', 'worker_lost') as code,
  coalesce(attempt.error ->> 'message', 'The worker went silent.') as message,
  supajobs.error_pattern(
    coalesce(attempt.error ->> 'message', 'The worker went silent.')
  ) as pattern
from public.plan_job_attempts as attempt
inner join public.plan_generation_jobs as job on attempt.job_id = job.id
where attempt.outcome in ('retrying', 'failed', 'crashed');
comment on view public.plan_job_errors is
'Attempts that ended in an error or a crash, with the pattern of the message, and the cause, which
users do not see. has_failed: the job failed with it, and was not requested again since; otherwise
it had another attempt. As far back as finished jobs are kept. Reads the attempts, all of them
(ended_at has no index), and the jobs of
those that went wrong.';
revoke all on table public.plan_job_errors from public, anon, authenticated, service_role;
grant select on table public.plan_job_errors to service_role;

-- How much the queue does, and how well, hour by hour.
create view public.plan_jobs_per_hour with (security_invoker = true) as
with facts as (
  -- Every hour of every type, so that those without any are there.
  select
    type.job_type,
    null as outcome,
    generate_series(
      date_bin('1 hour', now(), 'epoch') - interval '47 hours',
      date_bin('1 hour', now(), 'epoch'),
      interval '1 hour'
    ) as hour
  from public.plan_job_types as type
  union all
  select
    attempt.job_type,
    attempt.outcome,
    date_bin('1 hour', attempt.ended_at, 'epoch') as hour
  from public.plan_job_attempts as attempt
  where attempt.ended_at >= date_bin('1 hour', now(), 'epoch') - interval '47 hours'
  union all
  -- A job also fails by its last crash.
  select
    attempt.job_type,
    'failed' as outcome,
    date_bin('1 hour', attempt.ended_at, 'epoch') as hour
  from public.plan_job_attempts as attempt
  inner join public.plan_generation_jobs as job
    on attempt.job_id = job.id and attempt.ended_at = job.completed_at
  where
    attempt.ended_at >= date_bin('1 hour', now(), 'epoch') - interval '47 hours'
    and attempt.outcome = 'crashed'
    and job.status = 'failed'
),

counted as (
  select
    facts.hour,
    facts.job_type,
    count(*) filter (where facts.outcome = 'completed') as completed,
    count(*) filter (where facts.outcome = 'failed') as failed,
    count(*) filter (where facts.outcome = 'cancelled') as cancelled,
    count(*) filter (where facts.outcome = 'retrying') as retrying,
    count(*) filter (where facts.outcome = 'released') as released,
    count(*) filter (where facts.outcome = 'suspended') as suspended,
    count(*) filter (where facts.outcome = 'crashed') as crashed
  from facts
  group by facts.hour, facts.job_type
)

select
  counted.hour,
  counted.job_type,
  counted.completed,
  counted.failed,
  counted.cancelled,
  counted.retrying,
  counted.released,
  counted.suspended,
  counted.crashed,
  counted.completed::double precision
  / nullif(counted.completed + counted.failed, 0) as success_rate
from counted;
comment on view public.plan_jobs_per_hour is
'Attempts by their outcome, of each type in each of the last 48 hours (UTC; hour: when it began).
completed and failed are jobs: failed has those that failed by their last crash, too. success_rate:
completed / (completed + failed). Jobs that were cancelled before they began have no attempt, and
finished jobs that are deleted sooner (ttl_hours) are missing. Reads the attempts, all of them
(ended_at has no index).';
revoke all on table public.plan_jobs_per_hour from public, anon, authenticated, service_role;
grant select on table public.plan_jobs_per_hour to service_role;

-- How long jobs wait and how long they run.
create view public.plan_job_durations with (security_invoker = true) as
with jobs as (
  select
    job.id,
    job.job_type,
    job.created_at,
    job.run_at,
    job.started_at,
    job.completed_at
  from public.plan_generation_jobs as job
  where
    job.status = 'completed'
    and job.completed_at >= now() - interval '24 hours'
    and job.id >= public.plan_job_id_at(now() - interval '24 hours')
  order by job.completed_at desc
  limit 10000
),

attempts as (
  select
    jobs.job_type,
    extract(epoch from jobs.completed_at - jobs.started_at) as duration,
    extract(
      epoch from jobs.started_at - greatest(jobs.created_at, jobs.run_at, attempt_before.ended_at)
    ) as wait
  from jobs
  left join lateral (
    select max(attempt.ended_at) as ended_at
    from supajobs.unsuccessful_attempts as attempt
    where attempt.job_id = jobs.id and attempt.started_at < jobs.started_at
  ) as attempt_before on true
),

measured as (
  select
    attempts.job_type,
    count(*) as completed,
    percentile_cont(array[0.5, 0.95]) within group (order by attempts.duration) as durations,
    max(attempts.duration)::double precision as duration_max,
    percentile_cont(array[0.5, 0.95]) within group (order by attempts.wait) as waits,
    max(attempts.wait)::double precision as wait_max
  from attempts
  group by attempts.job_type
)

select
  measured.job_type,
  measured.completed,
  measured.duration_max,
  measured.wait_max,
  measured.durations[1] as duration_p50,
  measured.durations[2] as duration_p95,
  measured.waits[1] as wait_p50,
  measured.waits[2] as wait_p95
from measured;
comment on view public.plan_job_durations is
'By type, in seconds: how long the completed attempt of a job took, and how long the job had waited
for it (since it was due, or its attempt before had ended). Of the latest 10,000 jobs that were
requested and completed in the last 24 hours; plan_jobs_active has what still waits.';
revoke all on table public.plan_job_durations from public, anon, authenticated, service_role;
grant select on table public.plan_job_durations to service_role;

-- One job's whole story: all that the tables know of it, in the order in which it happened.
create view public.plan_job_timeline with (security_invoker = true) as
select
  job.id as job_id,
  job.created_at as at,
  'requested' as event,
  null as worker_id,
  jsonb_strip_nulls(
    jsonb_build_object(
      'job_type', job.job_type, 'priority', job.priority, 'user_id', job.user_id,
      'project_id', job.project_id, 'trace_id', job.trace_id
    )
  ) as details
from public.plan_generation_jobs as job
union all
select
  attempt.job_id,
  attempt.started_at as at,
  'started' as event,
  attempt.worker_id,
  '{}' as details
from public.plan_job_attempts as attempt
union all
select
  attempt.job_id,
  attempt.ended_at as at,
  attempt.outcome as event,
  attempt.worker_id,
  jsonb_strip_nulls(
    jsonb_build_object(
      'seconds', round(extract(epoch from attempt.ended_at - attempt.started_at), 1),
      'error', attempt.error, 'cause', attempt.cause, 'retry_at', attempt.retry_at,
      'model', attempt.model,
      'input_tokens', attempt.input_tokens, 'output_tokens', attempt.output_tokens,
      'cost_usd', attempt.cost_usd
    )
  ) as details
from public.plan_job_attempts as attempt
union all
select
  job.id as job_id,
  job.started_at as at,
  'started' as event,
  job.worker_id,
  jsonb_strip_nulls(
    jsonb_build_object('lease_expires_at', job.lease_expires_at, 'progress', job.progress)
  ) as details
from public.plan_generation_jobs as job
where job.status = 'processing'
union all
select
  step.job_id,
  step.saved_at as at,
  'step_saved' as event,
  null as worker_id,
  jsonb_strip_nulls(
    jsonb_build_object(
      'name', step.name, 'model', step.model, 'input_tokens', step.input_tokens,
      'output_tokens', step.output_tokens, 'cost_usd', step.cost_usd
    )
  ) as details
from supajobs.steps as step
union all
select
  signal.job_id,
  signal.received_at as at,
  'signalled' as event,
  null as worker_id,
  jsonb_build_object('name', signal.name) as details
from supajobs.signals as signal
union all
select
  job.id as job_id,
  job.cancel_requested_at as at,
  'cancel_requested' as event,
  null as worker_id,
  '{}' as details
from public.plan_generation_jobs as job
where
  job.cancel_requested_at is not null
  and job.cancel_requested_at is distinct from job.completed_at -- else that says it
union all
select
  job.id as job_id,
  case
    when job.started_at > job.run_at then job.updated_at
    else greatest(job.run_at, job.created_at)
  end as at,
  'waiting' as event,
  null as worker_id,
  jsonb_strip_nulls(
    jsonb_build_object(
      'retry_count', job.retry_count, 'crash_count', job.crash_count,
      'waiting_for', job.waiting_for
    )
  ) as details
from public.plan_generation_jobs as job
where job.status = 'pending'
union all
-- It ended while it waited: by no attempt.
select
  job.id as job_id,
  job.completed_at as at,
  job.status as event,
  null as worker_id,
  '{}' as details
from public.plan_generation_jobs as job
left join public.plan_job_attempts as attempt
  on job.id = attempt.job_id and job.completed_at = attempt.ended_at
where job.completed_at is not null and attempt.job_id is null
union all
select
  notification.job_id,
  notification.occurred_at as at,
  'notification' as event,
  null as worker_id,
  jsonb_build_object(
    'event', notification.event, 'addressed_at', notification.addressed_at
  ) as details
from public.plan_generation_jobs as job
inner join supajobs.notifications as notification
  -- By the user: no index is on job_id.
  on job.user_id = notification.user_id and job.id = notification.job_id
union all
select
  notification.job_id,
  coalesce(delivery.ended_at, delivery.tried_at, delivery.run_at) as at,
  'delivery_' || delivery.status as event,
  null as worker_id,
  jsonb_strip_nulls(
    jsonb_build_object(
      'channel', delivery.channel, 'event', notification.event, 'attempts', delivery.attempts,
      'run_at', delivery.run_at, 'error', delivery.error
    )
  ) as details
from public.plan_generation_jobs as job
inner join supajobs.notifications as notification
  on job.user_id = notification.user_id and job.id = notification.job_id
inner join supajobs.deliveries as delivery on notification.id = delivery.notification_id;
comment on view public.plan_job_timeline is
'What happened to a job: ask for one job_id, order by at. Events: requested, started, how attempts
ended (completed, retrying, failed, released, suspended, cancelled, crashed), step_saved and signalled
(steps and signals go when their job completes), cancel_requested, waiting (due since then, or until
then), notification, and delivery_ with its status. For one job it reads the rows by their keys; for all jobs, everything.';
revoke all on table public.plan_job_timeline from public, anon, authenticated, service_role;
grant select on table public.plan_job_timeline to service_role;

-- For `supajobs jobs show`, over PostgREST: what a job has saved, and who was told of its end.
create view public.plan_job_steps with (security_invoker = true) as
select
  step.job_id,
  step.name,
  step.output,
  step.saved_at,
  step.model,
  step.input_tokens,
  step.output_tokens,
  step.cost_usd
from supajobs.steps as step;
comment on view public.plan_job_steps is
'Outputs of finished steps, kept until their job ends well, and what they cost.';
revoke all on table public.plan_job_steps from public, anon, authenticated, service_role;
grant select on table public.plan_job_steps to service_role;

create view public.plan_job_notifications with (security_invoker = true) as
select
  notification.id,
  notification.job_id,
  notification.user_id,
  notification.event,
  notification.occurred_at,
  notification.addressed_at,
  coalesce(
    (
      select
        jsonb_agg(
          jsonb_build_object(
            'channel', delivery.channel, 'status', delivery.status,
            'attempts', delivery.attempts, 'run_at', delivery.run_at,
            'tried_at', delivery.tried_at, 'error', delivery.error, 'ended_at', delivery.ended_at
          )
          order by delivery.id
        )
      from supajobs.deliveries as delivery
      where delivery.notification_id = notification.id
    ),
    '[]'
  ) as deliveries
from supajobs.notifications as notification;
comment on view public.plan_job_notifications is
'Ends of jobs that somebody is told of, with what became of it on the way to each device. For one
job ask for its user_id too, which has an index.';
revoke all on table public.plan_job_notifications from public, anon, authenticated, service_role;
grant select on table public.plan_job_notifications to service_role;


-- 42_doctor.sql

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


-- 43_dashboard.sql

-- What the operator's page asks for that no function before it answers: jobs by filters, one job's
-- whole record, the hours of the last week, what it cost, and changes of a job type's limits.
--
-- Each look is bounded, whatever has piled up, and says so where it stopped.

-- A job as those see it who run the queue: without params and result, which may be private.
-- held_back_by says why no job of its type starts while it waits: pause | limit, one of 0.
create function supajobs.describe_job_to_operators(p_job public.plan_generation_jobs) returns json
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select row_to_json(described)
    from (
      select
        p_job.id, p_job.user_id, p_job.job_type, p_job.status, p_job.priority, p_job.progress,
        p_job.error, p_job.plan_id, p_job.project_id, p_job.idempotency_key, p_job.trace_id,
        p_job.run_at, p_job.waiting_for, p_job.is_held,
        case p_job.status when 'pending' then (
          select
            case
              when type.paused_at is not null then 'pause'
              when 0 in (type.max_running, type.starts_per_minute) then 'limit'
            end
          from public.plan_job_types as type
          where type.job_type = p_job.job_type
        ) end as held_back_by,
        p_job.retry_count, p_job.max_retries,
        p_job.crash_count, p_job.max_crashes, p_job.worker_id, p_job.lease_expires_at,
        p_job.cancel_requested_at, p_job.created_at, p_job.started_at, p_job.completed_at,
        p_job.expires_at, p_job.updated_at
    ) as described
  );
end
$$;

-- The ids, newest first, of at most p_max_jobs jobs that are older than p_before and not older than
-- p_floor, and that an attempt has failed or lost. In the order of their index: a sort reads all.
create function supajobs.list_unsuccessful_jobs(
  p_before uuid, p_floor uuid, p_max_jobs integer
) returns uuid[]
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashagg = off
set enable_sort = off
as $$
begin
  return array(
    select distinct attempt.job_id from supajobs.unsuccessful_attempts as attempt
    where attempt.job_id < p_before and attempt.job_id >= p_floor
    order by attempt.job_id desc
    limit p_max_jobs
  );
end
$$;

-- The ids, newest first, of at most p_max_jobs jobs that are older than p_before and not older than
-- p_floor, among which those of a filter are to be looked for: by p_source all, those of its
-- user, those that have not ended, or those that an attempt has failed or lost.
create function supajobs.list_candidates(
  p_source text, p_user_id uuid, p_before uuid, p_floor uuid, p_max_jobs integer
) returns uuid[]
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
as $$
begin
  return case p_source
    when 'user' then array(
      select job.id from public.plan_generation_jobs as job
      where job.user_id = p_user_id and job.id < p_before and job.id >= p_floor
      order by job.id desc
      limit p_max_jobs
    )
    when 'system' then array(
      select job.id from public.plan_generation_jobs as job
      where job.user_id is null and job.id < p_before and job.id >= p_floor
      order by job.id desc
      limit p_max_jobs
    )
    when 'active' then array(
      select active.job_id from public.plan_jobs_active as active
      where active.job_id < p_before and active.job_id >= p_floor
      order by active.job_id desc
      limit p_max_jobs
    )
    when 'unsuccessful' then supajobs.list_unsuccessful_jobs(p_before, p_floor, p_max_jobs)
    else array(
      select job.id from public.plan_generation_jobs as job
      where job.id < p_before and job.id >= p_floor
      order by job.id desc
      limit p_max_jobs
    )
  end;
end
$$;

-- Looks for jobs that a filter of change_plan_jobs lets through, the newest first, before the one
-- with this id, until it has found one more than p_max_jobs, has looked at p_max_looks, or all are
-- looked at. A thousand at a time: it may look a little further and find a few more.
--
-- Failed jobs are looked for among those with an attempt that went wrong; jobs that wait or run, by
-- their indexes, unless there are more of them than p_max_looks; a user's, by that of their user.
--
-- job_ids: those that were found. stopped_at: the id of the last that was looked at, if there may
-- be more behind it.
create function supajobs.look_for_jobs(
  p_filter jsonb,
  p_before uuid,
  p_max_jobs integer,
  p_max_looks integer,
  out job_ids uuid[],
  out stopped_at uuid
)
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
set jit = off
as $$
declare
  v_statuses text[] := supajobs.filtered_statuses(p_filter);
  v_user_id uuid := p_filter ->> 'user_id';
  v_project_id uuid := p_filter ->> 'project_id';
  v_since timestamptz := p_filter ->> 'since';
  v_floor uuid := coalesce(public.plan_job_id_at(v_since), supajobs.nobody());
  v_before uuid := coalesce(p_before, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
  v_source text := case
    when v_user_id is not null then 'user'
    when p_filter ? 'user_id' then 'system'
    when v_statuses = '{failed}' then 'unsuccessful'
    when
      v_statuses <> '{}' and v_statuses <@ '{pending,processing}'
      and p_max_looks > (
        select count(*)
        from (select from public.plan_jobs_active as active limit p_max_looks) as counted
      )
      then 'active'
    else 'all'
  end;
  -- Those that have not ended are no index's in the order of their ids: it reads them once.
  v_step integer := case v_source when 'active' then p_max_looks else 1000 end;
  v_looked uuid[];
  v_looks integer := 0;
begin
  job_ids := '{}';
  loop
    v_looked := supajobs.list_candidates(
      v_source, v_user_id, v_before, v_floor, least(v_step, p_max_looks - v_looks)
    );
    v_looks := v_looks + cardinality(v_looked);
    v_before := coalesce(v_looked[cardinality(v_looked)], v_before);
    job_ids := job_ids || array(
      select job.id
      from public.plan_generation_jobs as job
      where
        job.id = any(v_looked)
        and (v_statuses = '{}' or job.status = any(v_statuses))
        and (p_filter ->> 'job_type' is null or job.job_type = p_filter ->> 'job_type')
        and (p_filter ->> 'error' is null or job.error ->> 'code' = p_filter ->> 'error')
        and (v_project_id is null or job.project_id = v_project_id)
        and (v_since is null or job.created_at >= v_since)
      order by job.id desc
    );
    if v_looks >= p_max_looks or cardinality(job_ids) > p_max_jobs then
      stopped_at := v_before;
      return;
    end if;
    exit when cardinality(v_looked) < v_step;
  end loop;
end
$$;

-- The newest jobs that a filter lets through, before the one with this id: {jobs, next,
-- looked_until}. The filter is that of change_plan_jobs; see look_for_jobs.
--
-- `next` is what to ask on with as p_before, null where nothing is left. `looked_until` is null or,
-- where it stopped before the page was full, since when all that was requested has been looked at.
create function public.find_plan_jobs(
  p_filter jsonb default '{}',
  p_before uuid default null,
  p_max_jobs integer default 50,
  p_max_looks integer default 20000
) returns json
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_found record := supajobs.look_for_jobs(p_filter, p_before, p_max_jobs, p_max_looks);
  v_is_full boolean := cardinality(v_found.job_ids) > p_max_jobs;
begin
  return json_build_object(
    'jobs', (
      select coalesce(json_agg(supajobs.describe_job_to_operators(job) order by job.id desc), '[]')
      from public.plan_generation_jobs as job
      where job.id = any(v_found.job_ids[:p_max_jobs])
    ),
    'next', case when v_is_full then v_found.job_ids[p_max_jobs] else v_found.stopped_at end,
    'looked_until', case
      when not v_is_full then (
        select job.created_at from public.plan_generation_jobs as job
        where job.id = v_found.stopped_at
      )
    end
  );
end
$$;

-- How many jobs a filter lets through, of the newest p_max_looks that look_for_jobs looks at:
-- {jobs, capped}, capped where there may be more. count_plan_jobs counts all, which takes seconds
-- where there are millions.
create function public.count_newest_plan_jobs(
  p_filter jsonb, p_max_looks integer default 20000
) returns json
language sql
stable
set search_path = ''
as $$
  select
    json_build_object('jobs', cardinality(found.job_ids), 'capped', found.stopped_at is not null)
  from supajobs.look_for_jobs(p_filter, null, p_max_looks, p_max_looks) as found
$$;

-- All that is known of a job: {job, position, attempts, steps, flow, notifications, costs}; null
-- for one that is not there. Steps are without their outputs, and the flow is null of a job alone.
-- Of attempts and steps, the newest 200. costs: {input_tokens, output_tokens, cost_usd} of all its
-- attempts, as the ledger has them.
create function public.describe_plan_job(p_job_id uuid) returns json
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_job public.plan_generation_jobs;
begin
  select * into v_job from public.plan_generation_jobs where id = p_job_id;
  if not found then
    return null;
  end if;
  return json_build_object(
    'job', supajobs.describe_job_to_operators(v_job),
    'position', case v_job.status when 'pending' then public.plan_job_position(p_job_id) end,
    'attempts', (
      select coalesce(json_agg(row_to_json(attempt) order by attempt.started_at), '[]')
      from (
        select each.*
        from public.plan_job_attempts as each
        where each.job_id = p_job_id
        order by each.started_at desc
        limit 200
      ) as attempt
    ),
    'steps', (
      select coalesce(json_agg(row_to_json(told) order by told.saved_at), '[]')
      from (
        select
          step.name, step.saved_at, step.model, step.input_tokens, step.output_tokens,
          step.cost_usd
        from public.plan_job_steps as step
        where step.job_id = p_job_id
        order by step.saved_at desc
        limit 200
      ) as told
    ),
    'flow', case when v_job.has_ties then public.get_plan_job_flow(p_job_id, v_job.user_id) end,
    'notifications', (
      select coalesce(json_agg(row_to_json(notification) order by notification.id), '[]')
      from public.plan_job_notifications as notification
      where notification.job_id = p_job_id and notification.user_id = v_job.user_id
    ),
    'costs', (
      select
        json_build_object(
          'input_tokens', coalesce(sum(cost.input_tokens), 0),
          'output_tokens', coalesce(sum(cost.output_tokens), 0),
          'cost_usd', sum(cost.cost_usd)
        )
      from public.plan_job_costs as cost
      where cost.job_id = p_job_id
    )
  );
end
$$;

-- What has ended in each hour that is over, by type, and with an empty job_type in total. It is
-- counted once, by the cleanup, which is about to delete jobs, or when somebody asks before that.
create table supajobs.past_hours (
  hour timestamptz not null,
  job_type text not null,
  completed integer not null,
  failed integer not null,
  cancelled integer not null,
  retrying integer not null,
  released integer not null,
  suspended integer not null,
  crashed integer not null,
  duration_p50 double precision,
  duration_p95 double precision,
  capped boolean not null,

  primary key (hour, job_type)
);
comment on table supajobs.past_hours is
'Attempts by their outcome in each hour (UTC) that is over, for eight days.';
comment on column supajobs.past_hours.capped is
'Whether more may have ended than were counted.';

-- Counts what ended in the hour that begins then: at most the latest 50,000 attempts that completed
-- a job, with the durations of the latest 10,000; and, of the jobs requested before its end, those
-- of the latest 20,000 other attempts. failed: jobs, also those that failed by their last crash.
create function supajobs.count_hour(p_hour timestamptz) returns setof supajobs.past_hours
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
set jit = off
set plan_cache_mode = 'force_custom_plan' -- how many there are depends on the hour
as $$
begin
  return query
  with completed as (
    select
      job.job_type,
      extract(epoch from job.completed_at - job.started_at)::double precision as seconds
    from public.plan_generation_jobs as job
    where
      job.status = 'completed'
      and job.completed_at >= p_hour
      and job.completed_at < p_hour + interval '1 hour'
    order by job.completed_at desc
    limit 50000
  ),

  latest as (
    select attempt.job_id, attempt.job_type, attempt.outcome, attempt.ended_at
    from supajobs.unsuccessful_attempts as attempt
    where attempt.job_id < public.plan_job_id_at(p_hour + interval '1 hour')
    order by attempt.job_id desc
    limit 20000
  ),

  unsuccessful as (
    select latest.job_id, latest.job_type, latest.outcome, latest.ended_at
    from latest
    where latest.ended_at >= p_hour and latest.ended_at < p_hour + interval '1 hour'
  ),

  -- First by type and outcome: of the many that completed, each is then looked at once.
  ended as (
    select completed.job_type, 'completed' as outcome, count(*) as attempts
    from completed
    group by completed.job_type
    union all
    select unsuccessful.job_type, unsuccessful.outcome, count(*)
    from unsuccessful
    group by unsuccessful.job_type, unsuccessful.outcome
    union all
    -- A job also fails by its last crash.
    select unsuccessful.job_type, 'failed', count(*)
    from unsuccessful
    inner join public.plan_generation_jobs as job
      on unsuccessful.job_id = job.id and unsuccessful.ended_at = job.completed_at
    where unsuccessful.outcome = 'crashed' and job.status = 'failed'
    group by unsuccessful.job_type
  ),

  counted as (
    select
      coalesce(ended.job_type, '') as job_type,
      coalesce(sum(ended.attempts) filter (where ended.outcome = 'completed'), 0) as completed,
      coalesce(sum(ended.attempts) filter (where ended.outcome = 'failed'), 0) as failed,
      coalesce(sum(ended.attempts) filter (where ended.outcome = 'cancelled'), 0) as cancelled,
      coalesce(sum(ended.attempts) filter (where ended.outcome = 'retrying'), 0) as retrying,
      coalesce(sum(ended.attempts) filter (where ended.outcome = 'released'), 0) as released,
      coalesce(sum(ended.attempts) filter (where ended.outcome = 'suspended'), 0) as suspended,
      coalesce(sum(ended.attempts) filter (where ended.outcome = 'crashed'), 0) as crashed
    from ended
    group by grouping sets ((ended.job_type), ())
  ),

  measured as (
    select
      coalesce(timed.job_type, '') as job_type,
      percentile_cont(array[0.5, 0.95]) within group (order by timed.seconds) as durations
    from (
      select completed.job_type, completed.seconds from completed
      limit 10000
    ) as timed
    group by grouping sets ((timed.job_type), ())
  )

  select
    p_hour, counted.job_type, counted.completed::integer, counted.failed::integer,
    counted.cancelled::integer, counted.retrying::integer, counted.released::integer,
    counted.suspended::integer, counted.crashed::integer, measured.durations[1],
    measured.durations[2],
    (select count(*) = 50000 from completed) or (select count(*) = 20000 from latest)
  from counted
  left join measured on counted.job_type = measured.job_type;
end
$$;

-- The hours that are over among the last p_hours (168 at most), the newest first. In its first
-- minute, settles of the hour before may not have been committed.
create function supajobs.list_past_hours(p_hours integer) returns setof timestamptz
language sql
volatile -- for the time
set search_path = ''
as $$
  select generate_series(
    date_bin('1 hour', clock_timestamp() - interval '61 minutes', 'epoch'),
    date_bin('1 hour', clock_timestamp(), 'epoch')
    - make_interval(hours => least(168, greatest(1, p_hours)) - 1),
    interval '-1 hour'
  )
$$;

-- Counts those of the last p_hours that are over and were not counted yet, the newest first, until
-- p_seconds have gone by. Whether all of them are; not while another one counts, for whose end
-- nobody shall wait: the cleanup goes on to delete.
create function supajobs.count_past_hours(p_hours integer, p_seconds double precision)
returns boolean
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_until timestamptz := clock_timestamp() + make_interval(secs => p_seconds);
  v_hour timestamptz;
begin
  for v_hour in
    select past.hour from supajobs.list_past_hours(p_hours) as past (hour)
    where not exists (
      select from supajobs.past_hours as known where known.hour = past.hour and known.job_type = ''
    )
    order by past.hour desc
  loop
    if
      clock_timestamp() > v_until
      or not pg_try_advisory_xact_lock(hashtextextended('supajobs.past_hours', 0))
    then
      return false;
    end if;
    insert into supajobs.past_hours select * from supajobs.count_hour(v_hour)
    on conflict do nothing;
    delete from supajobs.past_hours where hour < clock_timestamp() - interval '8 days';
  end loop;
  return true;
end
$$;

-- Does so for a fiftieth of a second. Answers {is_complete}.
create function public.count_plan_hours(p_hours integer default 24) returns json
language sql
volatile
set search_path = ''
as $$
  select json_build_object('is_complete', supajobs.count_past_hours(p_hours, 0.02))
$$;

-- What has ended, hour by hour (UTC), in the last p_hours (168 at most), that of now among them,
-- the oldest first: {hours: [{hour, completed, failed, cancelled, retrying, released, suspended,
-- crashed, success_rate, duration_p50, duration_p95, capped}], is_complete}. Of one job type, or in
-- total. See count_hour.
--
-- An hour that is over is there once count_plan_hours has counted it; is_complete: all are.
create function public.describe_plan_hours(
  p_hours integer default 24, p_job_type text default null
) returns json
language plpgsql
stable
set search_path = ''
set jit = off
as $$
declare
  v_past timestamptz[] := array(
    select past.hour from supajobs.list_past_hours(p_hours) as past (hour)
    order by past.hour desc
  );
  v_this timestamptz := date_bin('1 hour', clock_timestamp(), 'epoch');
begin
  return (
    with known as (
      select past.* from supajobs.past_hours as past
      where past.hour = any(v_past) and past.job_type in ('', p_job_type)
      union all
      select counted.*
      from generate_series(
        coalesce(v_past[1] + interval '1 hour', v_this), v_this, interval '1 hour'
      ) as open (hour)
      cross join lateral supajobs.count_hour(open.hour) as counted
      where counted.job_type in ('', p_job_type)
    ),

    told as (
      select
        total.hour,
        coalesce(wanted.completed, 0) as completed,
        coalesce(wanted.failed, 0) as failed,
        coalesce(wanted.cancelled, 0) as cancelled,
        coalesce(wanted.retrying, 0) as retrying,
        coalesce(wanted.released, 0) as released,
        coalesce(wanted.suspended, 0) as suspended,
        coalesce(wanted.crashed, 0) as crashed,
        wanted.completed::double precision
        / nullif(wanted.completed + wanted.failed, 0) as success_rate,
        wanted.duration_p50,
        wanted.duration_p95,
        total.capped
      from known as total
      left join known as wanted
        on total.hour = wanted.hour and wanted.job_type = coalesce(p_job_type, '')
      where total.job_type = ''
    )

    select
      json_build_object(
        'hours', coalesce(json_agg(row_to_json(told) order by told.hour), '[]'),
        'is_complete', count(*) filter (where told.hour = any(v_past)) = cardinality(v_past)
      )
    from told
  );
end
$$;

-- What attempts consumed that began in the last p_days (90 at most; days are UTC): {by_day: [{day,
-- …}], by_model: [{model, …}], by_user: [{user_id, …}], capped}, each with attempts, input_tokens,
-- output_tokens and cost_usd. by_day has every day, the oldest first; the others begin with what
-- cost the most, and by_user ends after 20.
--
-- Of the jobs that were requested in these days or in the week before them, the latest 25,000
-- entries of the ledger; capped: there are more.
create function public.describe_plan_costs(p_days integer default 30) returns json
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
set jit = off
as $$
declare
  v_today date := (clock_timestamp() at time zone 'utc')::date;
  v_first date := v_today - (least(90, greatest(1, p_days)) - 1);
  v_since timestamptz := v_first::timestamp at time zone 'utc';
begin
  return (
    with summed as (
      select
        latest.day, latest.model, latest.user_id,
        grouping(latest.day, latest.model, latest.user_id) as kind,
        count(*) as entries,
        count(*) filter (where latest.is_in) as attempts,
        coalesce(sum(latest.input_tokens) filter (where latest.is_in), 0) as input_tokens,
        coalesce(sum(latest.output_tokens) filter (where latest.is_in), 0) as output_tokens,
        coalesce(sum(latest.cost_usd) filter (where latest.is_in), 0) as cost_usd
      from (
        select
          cost.model, cost.user_id, cost.input_tokens, cost.output_tokens, cost.cost_usd,
          (cost.started_at at time zone 'utc')::date as day,
          cost.started_at >= v_since as is_in
        from public.plan_job_costs as cost
        where cost.job_id >= public.plan_job_id_at(v_since - interval '7 days')
        order by cost.job_id desc
        limit 25000
      ) as latest
      group by grouping sets ((latest.day), (latest.model), (latest.user_id), ())
    )

    select
      json_build_object(
        'by_day', (
          select
            json_agg(
              json_build_object(
                'day', each.day::date,
                'attempts', coalesce(summed.attempts, 0),
                'input_tokens', coalesce(summed.input_tokens, 0),
                'output_tokens', coalesce(summed.output_tokens, 0),
                'cost_usd', coalesce(summed.cost_usd, 0)
              )
              order by each.day
            )
          from generate_series(v_first, v_today, interval '1 day') as each (day)
          left join summed on each.day = summed.day and summed.kind = 3
        ),
        'by_model', (
          select
            coalesce(
              json_agg(
                json_build_object(
                  'model', summed.model, 'attempts', summed.attempts,
                  'input_tokens', summed.input_tokens, 'output_tokens', summed.output_tokens,
                  'cost_usd', summed.cost_usd
                )
                order by summed.cost_usd desc, summed.model
              ),
              '[]'
            )
          from summed
          where summed.kind = 5 and summed.attempts > 0
        ),
        'by_user', (
          select coalesce(json_agg(row_to_json(first) order by first.cost_usd desc), '[]')
          from (
            select
              summed.user_id, summed.attempts, summed.input_tokens, summed.output_tokens,
              summed.cost_usd
            from summed
            where summed.kind = 6 and summed.attempts > 0
            order by summed.cost_usd desc, summed.user_id
            limit 20
          ) as first
        ),
        'capped', (select summed.entries = 25000 from summed where summed.kind = 7)
      )
  );
end
$$;

-- Changes the limits of a job type, and whether it is paused: {is_paused?, max_running?, …}, of
-- the columns of plan_job_types that are limits. In a pause, max_running is what it will be
-- after it. Answers {outcome: changed}.
create function public.change_plan_job_type(p_job_type text, p_changes jsonb) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_type public.plan_job_types;
  v_constraint text;
begin
  perform supajobs.lock_job_types(coalesce(p_job_type, ''));
  -- First, so that a limit that comes with it is the one after the pause, or of now.
  perform case (p_changes ->> 'is_paused')::boolean
    when true then public.pause_plan_jobs(p_job_type)
    when false then public.resume_plan_jobs(p_job_type)
  end;
  select * into v_type from public.plan_job_types where job_type = p_job_type;

  update public.plan_job_types as type
  set
    max_retries = new.max_retries,
    max_crashes = new.max_crashes,
    backoff_base_seconds = new.backoff_base_seconds,
    backoff_cap_seconds = new.backoff_cap_seconds,
    lease_seconds = new.lease_seconds,
    max_runtime_seconds = new.max_runtime_seconds,
    ttl_hours = new.ttl_hours,
    max_enqueues = new.max_enqueues,
    enqueue_window_seconds = new.enqueue_window_seconds,
    max_running = case when v_type.paused_at is null then new.max_running else type.max_running end,
    paused_max_running = case
      when v_type.paused_at is not null and p_changes ? 'max_running' then new.max_running
      else type.paused_max_running
    end,
    starts_per_minute = new.starts_per_minute,
    max_running_per_user = new.max_running_per_user,
    max_running_per_project = new.max_running_per_project,
    max_cost_per_user_month = new.max_cost_per_user_month
  from jsonb_populate_record(v_type, p_changes) as new
  where type.job_type = p_job_type;
  return '{"outcome": "changed"}';
exception when check_violation then
  get stacked diagnostics v_constraint = constraint_name;
  raise sqlstate 'PT422' using
    message = format('The job type cannot have these limits (%s).', v_constraint),
    detail = 'out_of_range';
end
$$;

revoke all on function
public.find_plan_jobs,
public.count_newest_plan_jobs,
public.describe_plan_job,
public.count_plan_hours,
public.describe_plan_hours,
public.describe_plan_costs,
public.change_plan_job_type
from public, anon, authenticated;
grant execute on function
public.find_plan_jobs,
public.count_newest_plan_jobs,
public.describe_plan_job,
public.count_plan_hours,
public.describe_plan_hours,
public.describe_plan_costs,
public.change_plan_job_type
to service_role;
