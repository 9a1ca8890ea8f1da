-- One row for each attempt that has ended. The row is also what makes a settle repeatable: a
-- worker that never heard the answer asks again and is told how its claim ended.

create table public.plan_job_attempts (
  job_id uuid not null references public.plan_generation_jobs (id) on delete cascade,
  claim_id uuid not null,
  job_type text not null,
  worker_id text not null,
  outcome text not null,
  error jsonb,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  retry_at timestamptz,
  model text,
  input_tokens bigint,
  output_tokens bigint,
  cost_usd numeric,

  primary key (job_id, claim_id),
  constraint plan_job_attempts_outcome_known check (
    outcome in ('completed', 'retrying', 'failed', 'released', 'cancelled', 'crashed')
  ),
  constraint plan_job_attempts_retry_at_iff_retrying check (
    (outcome = 'retrying') = (retry_at is not null)
  ),
  constraint plan_job_attempts_tokens_not_negative check (input_tokens >= 0 and output_tokens >= 0),
  constraint plan_job_attempts_cost_not_negative check (cost_usd >= 0)
);

comment on table public.plan_job_attempts is
'How each attempt at a job ended, who ran it, how long it took and what it cost.';
comment on column public.plan_job_attempts.outcome is
'crashed: the lease ran out and the sweep took the job away. released: given back unharmed.';

alter table public.plan_job_attempts enable row level security;
create policy plan_job_attempts_closed_to_clients on public.plan_job_attempts
for all to anon, authenticated using (false);
revoke all on table public.plan_job_attempts from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.plan_job_attempts to service_role;

-- Writes the end of the attempt that p_job's claim stands for. A late completion overwrites the
-- crash that the sweep wrote for the same claim.
create function public.record_plan_job_attempt(
  p_job public.plan_generation_jobs,
  p_outcome text,
  p_ended_at timestamptz,
  p_error jsonb default null,
  p_retry_at timestamptz default null,
  p_usage jsonb default null
) returns void
language sql
volatile
set search_path = ''
as $$
  insert into public.plan_job_attempts (
    job_id, claim_id, job_type, worker_id, outcome, error, started_at, ended_at, retry_at,
    model, input_tokens, output_tokens, cost_usd
  )
  values (
    p_job.id, p_job.claim_id, p_job.job_type, p_job.worker_id, p_outcome, p_error,
    p_job.started_at, p_ended_at, p_retry_at,
    p_usage ->> 'model', (p_usage ->> 'input_tokens')::bigint,
    (p_usage ->> 'output_tokens')::bigint, (p_usage ->> 'cost_usd')::numeric
  )
  on conflict (job_id, claim_id) do update
  set
    outcome = excluded.outcome,
    error = excluded.error,
    ended_at = excluded.ended_at,
    retry_at = excluded.retry_at,
    model = excluded.model,
    input_tokens = excluded.input_tokens,
    output_tokens = excluded.output_tokens,
    cost_usd = excluded.cost_usd
$$;

-- The answer to a settle whose claim no longer holds: what the same settle was told the first
-- time, or stale.
create function public.recall_plan_job_settle(
  p_job_id uuid, p_claim_id uuid, p_outcomes text[]
) returns jsonb
language sql
stable
set search_path = ''
as $$
  select coalesce(
    (
      select jsonb_strip_nulls(
        jsonb_build_object('outcome', attempt.outcome, 'run_at', attempt.retry_at)
      )
      from public.plan_job_attempts as attempt
      where
        attempt.job_id = p_job_id
        and attempt.claim_id = p_claim_id
        and attempt.outcome = any(p_outcomes)
    ),
    '{"outcome": "stale"}'
  )
$$;

revoke all on function public.record_plan_job_attempt(
  public.plan_generation_jobs, text, timestamptz, jsonb, timestamptz, jsonb
) from public, anon, authenticated;
grant execute on function public.record_plan_job_attempt(
  public.plan_generation_jobs, text, timestamptz, jsonb, timestamptz, jsonb
) to service_role;
revoke all on function public.recall_plan_job_settle(uuid, uuid, text[])
from public, anon, authenticated;
grant execute on function public.recall_plan_job_settle(uuid, uuid, text[]) to service_role;
