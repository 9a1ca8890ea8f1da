-- Ends a job well. Its plan and its attempt are written in the same transaction.
--
-- Outcomes: completed | cancelled (its cancellation had been asked for; the result is dropped)
-- | stale (the claim no longer holds). Paid work is not thrown away: a completion whose lease was
-- swept is still accepted while nobody else has claimed the job.

create function public.complete_plan_job(
  p_job_id uuid,
  p_claim_id uuid,
  p_result jsonb default null,
  p_plan jsonb default null,
  p_usage jsonb default null
) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_job public.plan_generation_jobs;
begin
  update public.plan_generation_jobs
  set
    status = case when cancel_requested_at is null then 'completed' else 'cancelled' end,
    result = case when cancel_requested_at is null then p_result end,
    plan_id = case
      when cancel_requested_at is null and p_plan is not null then public.new_plan_job_id()
    end,
    error = null,
    progress = null,
    lease_expires_at = null,
    lease_lost_at = null,
    completed_at = v_now,
    expires_at = v_now + make_interval(hours => ttl_hours),
    updated_at = v_now
  where
    id = p_job_id
    and claim_id = p_claim_id
    and (status = 'processing' or (lease_lost_at is not null and status in ('pending', 'failed')))
  returning * into v_job;
  if not found then
    return public.recall_plan_job_settle(p_job_id, p_claim_id, array['completed', 'cancelled']);
  end if;

  perform public.record_plan_job_attempt(v_job, v_job.status, v_now, p_usage => p_usage);
  if v_job.status = 'completed' then
    delete from public.plan_job_steps where job_id = p_job_id;
  end if;
  if v_job.plan_id is not null then
    insert into public.weekly_base_plans (id, user_id, job_id, plan)
    values (v_job.plan_id, v_job.user_id, p_job_id, p_plan);
  end if;
  return jsonb_build_object('outcome', v_job.status);
end
$$;

revoke all on function public.complete_plan_job(uuid, uuid, jsonb, jsonb, jsonb)
from public, anon, authenticated;
grant execute on function public.complete_plan_job(uuid, uuid, jsonb, jsonb, jsonb)
to service_role;
