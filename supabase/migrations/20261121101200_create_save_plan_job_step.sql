-- Saves the output of a finished step of a running job. Outcomes: saved | stale.

create function public.save_plan_job_step(
  p_job_id uuid, p_claim_id uuid, p_name text, p_output jsonb
) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
begin
  -- The lock keeps the claim as it is until the step is in.
  perform from public.plan_generation_jobs
  where id = p_job_id and claim_id = p_claim_id and status = 'processing'
  for share;
  if not found then
    return '{"outcome": "stale"}';
  end if;

  insert into public.plan_job_steps (job_id, name, output)
  values (p_job_id, p_name, p_output)
  on conflict (job_id, name) do update set output = excluded.output, saved_at = excluded.saved_at;
  return '{"outcome": "saved"}';
end
$$;

revoke all on function public.save_plan_job_step(uuid, uuid, text, jsonb)
from public, anon, authenticated;
grant execute on function public.save_plan_job_step(uuid, uuid, text, jsonb) to service_role;
