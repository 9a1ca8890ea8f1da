-- Runs a failed or cancelled job again, with fresh budgets; its attempts stay on record.
--
-- Outcomes: retried | existing (a newer active job holds its dedupe key: that one is returned)
-- | not_finished (it is still active, or ended well) | not_found.

create function public.retry_plan_job(p_job_id uuid, p_user_id uuid) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_job public.plan_generation_jobs;
  v_active public.plan_generation_jobs;
begin
  select * into v_job from public.plan_generation_jobs
  where id = p_job_id and user_id = p_user_id
  for update;
  if not found then
    return '{"outcome": "not_found"}';
  end if;
  if v_job.status not in ('failed', 'cancelled') then
    return jsonb_build_object(
      'outcome', 'not_finished', 'job', public.describe_plan_job(v_job)
    );
  end if;

  begin
    update public.plan_generation_jobs
    set
      status = 'pending',
      run_at = v_now,
      retry_count = 0,
      crash_count = 0,
      error = null,
      cancel_requested_at = null,
      completed_at = null,
      expires_at = null,
      updated_at = v_now
    where id = p_job_id
    returning * into v_job;
  exception when unique_violation then
    select * into v_active from public.plan_generation_jobs
    where dedupe_key = v_job.dedupe_key and status in ('pending', 'processing');
    if not found then
      raise sqlstate 'PT503' using
        message = 'The job in the way ended at the same moment.',
        detail = 'busy',
        hint = 'Send it again.';
    end if;
    return jsonb_build_object('outcome', 'existing', 'job', public.describe_plan_job(v_active));
  end;
  return jsonb_build_object('outcome', 'retried', 'job', public.describe_plan_job(v_job));
end
$$;

revoke all on function public.retry_plan_job(uuid, uuid) from public, anon, authenticated;
grant execute on function public.retry_plan_job(uuid, uuid) to service_role;
