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
