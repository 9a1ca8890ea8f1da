-- Steps are what a crashed attempt has to show for its money: with each goes what it consumed, and
-- the claim under which it was saved. And a worker can read the steps of a job that it holds.

alter table public.plan_job_steps
add column claim_id uuid,
add column model text,
add column input_tokens bigint,
add column output_tokens bigint,
add column cost_usd numeric;

comment on column public.plan_job_steps.claim_id is
'Who saved it; null for steps from before this was noted.';
comment on column public.plan_job_steps.cost_usd is
'Null where the price of the model is not known.';

drop function public.save_plan_job_step(uuid, uuid, text, jsonb);

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
  -- The lock that this takes keeps the claim as it is until the step is in.
  update public.plan_generation_jobs
  set has_steps = true
  where id = p_job_id and claim_id = p_claim_id and status = 'processing';
  if not found then
    return '{"outcome": "stale"}';
  end if;

  insert into public.plan_job_steps (
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
      from public.plan_job_steps as step
      where step.job_id = p_job_id
    )
  );
end
$$;

revoke all on function public.save_plan_job_step(uuid, uuid, text, jsonb, jsonb)
from public, anon, authenticated;
grant execute on function public.save_plan_job_step(uuid, uuid, text, jsonb, jsonb)
to service_role;
revoke all on function public.get_plan_job_steps(uuid, uuid) from public, anon, authenticated;
grant execute on function public.get_plan_job_steps(uuid, uuid) to service_role;
