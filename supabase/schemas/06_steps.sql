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
