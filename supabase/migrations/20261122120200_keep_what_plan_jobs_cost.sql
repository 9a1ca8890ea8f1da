-- The ledger: what attempts consumed, kept when their jobs are long deleted. It goes with the user.
--
-- An entry is one attempt's, and its settle is the only one to write it. A row per user and month
-- to be added to would be smaller, but settles that end jobs of the same users would wait for each
-- other there, and two batches that meet them in another order would be a deadlock.

create table public.plan_job_costs (
  job_id uuid not null,
  claim_id uuid not null,
  started_at timestamptz not null,
  user_id uuid not null references auth.users (id) on delete cascade,
  job_type text not null,
  month date not null,
  model text,
  input_tokens bigint,
  output_tokens bigint,
  cost_usd numeric,

  primary key (job_id, claim_id, started_at)
);

comment on table public.plan_job_costs is
'What each attempt consumed that used a model. Outlives the job.';
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

-- Enters attempts that have just ended. A late completion overwrites what the sweep had entered for
-- the same attempt.
create function public.record_plan_job_costs(
  p_job_ids uuid[], p_ended_at timestamptz
) returns void
language plpgsql
volatile
set search_path = ''
set enable_seqscan = off
as $$
begin
  insert into public.plan_job_costs (
    job_id, claim_id, started_at, user_id, job_type, month, model, input_tokens, output_tokens,
    cost_usd
  )
  select
    attempt.job_id, attempt.claim_id, attempt.started_at, job.user_id, attempt.job_type,
    date_trunc('month', attempt.ended_at at time zone 'utc')::date, attempt.model,
    attempt.input_tokens, attempt.output_tokens,
    case when not job.has_provider_key then attempt.cost_usd end
  from public.plan_job_attempts as attempt
  inner join public.plan_generation_jobs as job on attempt.job_id = job.id
  where
    attempt.job_id = any(p_job_ids)
    and attempt.ended_at = p_ended_at
    and num_nonnulls(attempt.input_tokens, attempt.output_tokens, attempt.cost_usd) > 0
  on conflict (job_id, claim_id, started_at) do update
  set
    month = excluded.month,
    model = excluded.model,
    input_tokens = excluded.input_tokens,
    output_tokens = excluded.output_tokens,
    cost_usd = excluded.cost_usd;
end
$$;

revoke all on function public.record_plan_job_costs(uuid[], timestamptz)
from public, anon, authenticated;
grant execute on function public.record_plan_job_costs(uuid[], timestamptz) to service_role;

insert into public.plan_job_costs (
  job_id, claim_id, started_at, user_id, job_type, month, model, input_tokens, output_tokens,
  cost_usd
)
select
  attempt.job_id,
  attempt.claim_id,
  attempt.started_at,
  job.user_id,
  attempt.job_type,
  date_trunc('month', attempt.ended_at at time zone 'utc')::date as month,
  attempt.model,
  attempt.input_tokens,
  attempt.output_tokens,
  attempt.cost_usd
from public.plan_job_attempts as attempt
inner join public.plan_generation_jobs as job on attempt.job_id = job.id
where num_nonnulls(attempt.input_tokens, attempt.output_tokens, attempt.cost_usd) > 0;
