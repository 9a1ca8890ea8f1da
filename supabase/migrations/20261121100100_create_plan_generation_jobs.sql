-- The queue. One row is one job, from the request to the end of its time to live.
-- Clients may read their own rows; every change goes through the functions of later migrations.

-- UUIDv7 (RFC 9562): milliseconds, then the fraction of the millisecond in the 12 bits after the
-- version, then randomness. Ids in time order keep the primary key's inserts on its last page.
create function public.new_plan_job_id() returns uuid
language sql
volatile
set search_path = ''
as $$
  select (
    lpad(to_hex(micros / 1000), 12, '0')
    || '7'
    || lpad(to_hex(micros % 1000 * 4096 / 1000), 3, '0')
    || right(replace(gen_random_uuid()::text, '-', ''), 16)
  )::uuid
  from (select (extract(epoch from clock_timestamp()) * 1000000)::bigint as micros) as clock
$$;

revoke all on function public.new_plan_job_id() from public, anon, authenticated;
grant execute on function public.new_plan_job_id() to service_role;

create table public.plan_generation_jobs (
  id uuid primary key default public.new_plan_job_id(),
  user_id uuid not null references auth.users (id) on delete cascade,
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

  constraint plan_generation_jobs_status_known check (
    status in ('pending', 'processing', 'completed', 'failed', 'cancelled')
  ),
  constraint plan_generation_jobs_priority_in_range check (priority between 0 and 10),
  constraint plan_generation_jobs_params_is_object check (jsonb_typeof(params) = 'object'),
  constraint plan_generation_jobs_progress_is_object check (jsonb_typeof(progress) = 'object'),
  constraint plan_generation_jobs_error_is_object check (jsonb_typeof(error) = 'object'),
  constraint plan_generation_jobs_retries_within_budget check (
    retry_count between 0 and max_retries
  ),
  constraint plan_generation_jobs_crashes_within_budget check (
    crash_count between 0 and max_crashes
  ),
  constraint plan_generation_jobs_ttl_in_range check (ttl_hours between 1 and 168),
  constraint plan_generation_jobs_leased_iff_processing check (
    (status = 'processing') = (lease_expires_at is not null)
  ),
  constraint plan_generation_jobs_claimed_when_processing check (
    status <> 'processing'
    or (claim_id is not null and worker_id is not null and started_at is not null)
  ),
  constraint plan_generation_jobs_completed_at_iff_terminal check (
    (status in ('completed', 'failed', 'cancelled')) = (completed_at is not null)
  ),
  constraint plan_generation_jobs_expires_at_iff_terminal check (
    (status in ('completed', 'failed', 'cancelled')) = (expires_at is not null)
  ),
  constraint plan_generation_jobs_progress_only_when_processing check (
    status = 'processing' or progress is null
  ),
  constraint plan_generation_jobs_result_only_when_completed check (
    status = 'completed' or (result is null and plan_id is null)
  ),
  constraint plan_generation_jobs_error_when_failed check (
    status <> 'failed' or error is not null
  ),
  constraint plan_generation_jobs_no_error_when_completed check (
    status <> 'completed' or error is null
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

-- What can be claimed, in the order of claiming.
create index plan_generation_jobs_claimable
on public.plan_generation_jobs (priority desc, run_at, id)
where status = 'pending';

-- What runs. No index holds lease_expires_at: heartbeats write it.
create index plan_generation_jobs_running
on public.plan_generation_jobs (claim_id)
where status = 'processing';

create unique index plan_generation_jobs_one_active_per_dedupe_key
on public.plan_generation_jobs (dedupe_key)
where status in ('pending', 'processing') and dedupe_key is not null;

create unique index plan_generation_jobs_one_per_idempotency_key
on public.plan_generation_jobs (user_id, idempotency_key)
where idempotency_key is not null;

create index plan_generation_jobs_by_user
on public.plan_generation_jobs (user_id, id);

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
  idempotency_key, trace_id, run_at, retry_count, max_retries, cancel_requested_at, created_at,
  started_at, completed_at, expires_at, updated_at
) on table public.plan_generation_jobs to authenticated;

-- A job as its owner sees it: the columns granted above.
create function public.describe_plan_job(p_job public.plan_generation_jobs) returns jsonb
language sql
stable
set search_path = ''
as $$
  select to_jsonb(p_job) - array[
    'dedupe_key', 'crash_count', 'max_crashes', 'backoff_base_seconds', 'backoff_cap_seconds',
    'lease_seconds', 'max_runtime_seconds', 'ttl_hours', 'claim_id', 'worker_id',
    'lease_expires_at', 'lease_lost_at'
  ]
$$;

revoke all on function public.describe_plan_job(public.plan_generation_jobs)
from public, anon, authenticated;
grant execute on function public.describe_plan_job(public.plan_generation_jobs) to service_role;
