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
