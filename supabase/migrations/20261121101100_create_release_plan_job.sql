-- Gives a job back unburned (shutdown, time budget): it counts as neither error nor crash, and
-- keeps its place in the queue.
--
-- Outcomes: released | cancelled | stale.

create function public.release_plan_job(p_job_id uuid, p_claim_id uuid) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_job public.plan_generation_jobs;
  v_outcome text;
begin
  update public.plan_generation_jobs
  set
    status = case when cancel_requested_at is null then 'pending' else 'cancelled' end,
    progress = null,
    lease_expires_at = null,
    completed_at = case when cancel_requested_at is not null then v_now end,
    expires_at = case
      when cancel_requested_at is not null then v_now + make_interval(hours => ttl_hours)
    end,
    updated_at = v_now
  where id = p_job_id and claim_id = p_claim_id and status = 'processing'
  returning * into v_job;
  if not found then
    return public.recall_plan_job_settle(p_job_id, p_claim_id, array['released', 'cancelled']);
  end if;

  v_outcome := case v_job.status when 'pending' then 'released' else 'cancelled' end;
  perform public.record_plan_job_attempt(v_job, v_outcome, v_now);
  return jsonb_build_object('outcome', v_outcome);
end
$$;

revoke all on function public.release_plan_job(uuid, uuid) from public, anon, authenticated;
grant execute on function public.release_plan_job(uuid, uuid) to service_role;
