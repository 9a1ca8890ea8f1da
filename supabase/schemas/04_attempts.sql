-- What becomes of each attempt at a job, what it has saved on its way, and what it has cost.
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

  primary key (job_id, claim_id, started_at),
  constraint unsuccessful_attempts_outcome_known check (
    outcome in ('retrying', 'failed', 'released', 'cancelled', 'crashed')
  ),
  constraint unsuccessful_attempts_retry_at_iff_retrying check (
    (outcome = 'retrying') = (retry_at is not null)
  )
);
comment on table supajobs.unsuccessful_attempts is
'How each attempt ended that did not complete its job. plan_job_attempts shows all of them.';
comment on column supajobs.unsuccessful_attempts.outcome is
'crashed: the lease ran out and the sweep took the job away. released: given back unharmed.';

create function supajobs.delete_attempts() returns trigger
language plpgsql
volatile
security definer -- as a foreign key: whoever deletes a user has no rights on the queue
set search_path = ''
as $$
begin
  delete from supajobs.unsuccessful_attempts where job_id in (select id from deleted);
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
    job.usage
  from public.plan_generation_jobs as job
  where job.status = 'completed'
) as ended;
comment on view public.plan_job_attempts is
'How each attempt at a job ended, who ran it, how long it took and what it cost. crashed: the lease
ran out and the sweep took the job away. released: given back unharmed.';
revoke all on table public.plan_job_attempts from public, anon, authenticated, service_role;
grant select on table public.plan_job_attempts to service_role;

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
  constraint steps_usage_finite check (
    cost_usd >= 0 and cost_usd < 'Infinity' and input_tokens >= 0 and output_tokens >= 0
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
    p_usage ->> 'model', (p_usage ->> 'input_tokens')::bigint,
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

-- What earlier attempts, and this one, have saved: {outcome, steps: {name: output}}.
-- Outcomes: found | stale.
create function public.get_plan_job_steps(p_job_id uuid, p_claim_id uuid) returns json
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
    'steps', (
      select coalesce(json_object_agg(step.name, step.output), '{}')
      from supajobs.steps as step
      where step.job_id = p_job_id
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

-- The ledger: what attempts consumed, kept when their jobs are long deleted. It goes with the user.
--
-- An entry is one attempt's, and what ends it is all that writes it. A row per user and month
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

  primary key (job_id, claim_id, started_at),
  -- NaN is greater than Infinity.
  constraint plan_job_costs_finite check (
    cost_usd >= 0 and cost_usd < 'Infinity' and input_tokens >= 0 and output_tokens >= 0
  )
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
  has_provider_key boolean
);

-- What a usage may say: it is refused otherwise, whoever paid for it.
create domain supajobs.tokens as bigint check (value >= 0);
create domain supajobs.dollars as numeric check (value >= 0 and value < 'Infinity');

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
    date_trunc('month', ended.ended_at at time zone 'utc')::date, spent.model,
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

-- Writes down how attempts ended and what they cost. The steps of a job that has completed have
-- done their work. A late completion overwrites what the sweep had written of the same attempt.
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
    has_provider_key
  )
  select
    ended.job_id, ended.claim_id, ended.job_type, ended.worker_id, ended.outcome, ended.error,
    ended.started_at, ended.ended_at, ended.retry_at, ended.usage, ended.has_provider_key
  from unnest(p_ended) as ended
  where ended.outcome <> 'completed'
  on conflict (job_id, claim_id, started_at) do update
  set outcome = excluded.outcome, ended_at = excluded.ended_at, usage = excluded.usage;

  if exists (select from unnest(p_ended) as ended where ended.usage is not null) then
    perform supajobs.record_costs(p_ended);
  end if;
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
