-- Cancels a user's job: a pending one at once, a running one through its next heartbeat.
--
-- Outcomes: cancelled | requested | finished | not_found (nobody's job, or somebody else's).

create function public.cancel_plan_job(p_job_id uuid, p_user_id uuid) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_job public.plan_generation_jobs;
  v_outcome text;
begin
  select * into v_job from public.plan_generation_jobs
  where id = p_job_id and user_id = p_user_id
  for no key update;
  if not found then
    return '{"outcome": "not_found"}';
  end if;

  v_outcome := case v_job.status
    when 'pending' then 'cancelled'
    when 'cancelled' then 'cancelled'
    when 'processing' then 'requested'
    else 'finished'
  end;
  if v_job.status in ('pending', 'processing') then
    update public.plan_generation_jobs
    set
      cancel_requested_at = coalesce(cancel_requested_at, v_now),
      status = case status when 'pending' then 'cancelled' else status end,
      completed_at = case status when 'pending' then v_now end,
      expires_at = case status when 'pending' then v_now + make_interval(hours => ttl_hours) end,
      updated_at = v_now
    where id = p_job_id
    returning * into v_job;
  end if;

  return jsonb_build_object('outcome', v_outcome, 'job', public.describe_plan_job(v_job));
end
$$;

revoke all on function public.cancel_plan_job(uuid, uuid) from public, anon, authenticated;
grant execute on function public.cancel_plan_job(uuid, uuid) to service_role;
