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
