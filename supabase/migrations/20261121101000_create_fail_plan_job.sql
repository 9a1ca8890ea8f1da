-- Ends an attempt badly: the job waits for its next try, or has failed.
--
-- The wait is p_retry_after seconds where the handler knows better (a provider's Retry-After; a
-- week at most), else random between 0 and min(cap, base * 2^retries so far): with the defaults
-- up to 5, 10, 20, 40 … 900 seconds. Full jitter keeps jobs that failed together from coming back
-- together.
--
-- Outcomes: retrying + run_at | failed | cancelled | stale.

create function public.fail_plan_job(
  p_job_id uuid,
  p_claim_id uuid,
  p_error jsonb,
  p_retryable boolean default true,
  p_retry_after double precision default null,
  p_usage jsonb default null
) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_job public.plan_generation_jobs;
  v_status text;
  v_outcome text;
  v_wait double precision;
  v_retry_at timestamptz;
begin
  select * into v_job from public.plan_generation_jobs
  where id = p_job_id and claim_id = p_claim_id and status = 'processing'
  for no key update;
  if not found then
    return public.recall_plan_job_settle(
      p_job_id, p_claim_id, array['retrying', 'failed', 'cancelled']
    );
  end if;

  v_status := case
    when v_job.cancel_requested_at is not null then 'cancelled'
    when p_retryable and v_job.retry_count < v_job.max_retries then 'pending'
    else 'failed'
  end;
  v_outcome := case v_status when 'pending' then 'retrying' else v_status end;
  if v_status = 'pending' then
    v_wait := coalesce(
      p_retry_after,
      random() * least(
        v_job.backoff_cap_seconds, v_job.backoff_base_seconds * power(2, v_job.retry_count)
      )
    );
    v_retry_at := v_now + make_interval(secs => greatest(0, least(v_wait, 7 * 86400)));
  end if;

  update public.plan_generation_jobs
  set
    status = v_status,
    retry_count = retry_count + case v_status when 'pending' then 1 else 0 end,
    run_at = coalesce(v_retry_at, run_at),
    error = case when v_status <> 'cancelled' then p_error end,
    progress = null,
    lease_expires_at = null,
    completed_at = case when v_status <> 'pending' then v_now end,
    expires_at = case when v_status <> 'pending' then v_now + make_interval(hours => ttl_hours) end,
    updated_at = v_now
  where id = p_job_id;
  perform public.record_plan_job_attempt(v_job, v_outcome, v_now, p_error, v_retry_at, p_usage);
  return jsonb_strip_nulls(jsonb_build_object('outcome', v_outcome, 'run_at', v_retry_at));
end
$$;

revoke all on function public.fail_plan_job(uuid, uuid, jsonb, boolean, double precision, jsonb)
from public, anon, authenticated;
grant execute on function public.fail_plan_job(
  uuid, uuid, jsonb, boolean, double precision, jsonb
) to service_role;
