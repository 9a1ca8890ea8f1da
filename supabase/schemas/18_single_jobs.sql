-- The calls for one job: for the SQL editor, for scripts, and for workers in other languages that
-- run one job at a time. Each is a batch of one. Who is told busy asks again after a moment, for as
-- long as heartbeats hold the job.

-- Makes the claim id itself, so it cannot be repeated: a lost answer costs the job one lease.
create function public.claim_next_plan_job(p_worker_id text) returns json
language sql
volatile
set search_path = ''
as $$
  select public.claim_plan_jobs(gen_random_uuid(), p_worker_id) -> 0
$$;

create function public.complete_plan_job(
  p_job_id uuid,
  p_claim_id uuid,
  p_result jsonb default null,
  p_plan jsonb default null,
  p_usage jsonb default null,
  p_store jsonb default null,
  p_then jsonb default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  return public.complete_plan_jobs(
    jsonb_build_array(
      jsonb_build_object(
        'job_id', p_job_id,
        'claim_id', p_claim_id,
        'result', p_result,
        'plan', p_plan,
        'usage', p_usage,
        'store', p_store,
        'then', p_then
      )
    )
  ) -> 0;
end
$$;

create function public.fail_plan_job(
  p_job_id uuid,
  p_claim_id uuid,
  p_error jsonb,
  p_retryable boolean default true,
  p_retry_after double precision default null,
  p_usage jsonb default null,
  p_cause jsonb default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  return public.fail_plan_jobs(
    jsonb_build_array(
      jsonb_build_object(
        'job_id', p_job_id,
        'claim_id', p_claim_id,
        'error', p_error,
        'retryable', p_retryable,
        'retry_after', p_retry_after,
        'usage', p_usage,
        'cause', p_cause
      )
    )
  ) -> 0;
end
$$;

create function public.release_plan_job(
  p_job_id uuid, p_claim_id uuid, p_usage jsonb default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  return public.release_plan_jobs(
    jsonb_build_array(
      jsonb_build_object('job_id', p_job_id, 'claim_id', p_claim_id, 'usage', p_usage)
    )
  ) -> 0;
end
$$;

revoke all on function
public.claim_next_plan_job,
public.complete_plan_job,
public.fail_plan_job,
public.release_plan_job
from public, anon, authenticated;
grant execute on function
public.claim_next_plan_job,
public.complete_plan_job,
public.fail_plan_job,
public.release_plan_job
to service_role;
