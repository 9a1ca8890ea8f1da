-- Replaces retry_plan_job: a job that had brought its key, which was erased at its end, needs one
-- again; one that had not may bring one now.
--
-- Outcomes: as before, and provider_key_required.

drop function public.retry_plan_job(uuid, uuid);

create function public.retry_plan_job(
  p_job_id uuid, p_user_id uuid, p_provider_key text default null
) returns json
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
    return json_build_object('outcome', 'not_finished', 'job', public.describe_plan_job(v_job));
  end if;
  if v_job.has_provider_key and p_provider_key is null then
    return json_build_object(
      'outcome', 'provider_key_required', 'job', public.describe_plan_job(v_job)
    );
  end if;
  if
    p_provider_key is not null
    and not exists (
      select from public.plan_job_types
      where job_type = v_job.job_type and allows_provider_key
    )
  then
    raise sqlstate 'PT422' using
      message = format('Jobs of type "%s" take no key of your own.', v_job.job_type),
      detail = 'provider_key_not_allowed',
      hint = 'Send the request without it.';
  end if;

  begin
    update public.plan_generation_jobs
    set
      status = 'pending',
      run_at = v_now,
      turn = public.plan_job_turn(user_id, job_type, priority),
      retry_count = 0,
      crash_count = 0,
      error = null,
      cancel_requested_at = null,
      completed_at = null,
      expires_at = null,
      has_provider_key = p_provider_key is not null,
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
    return json_build_object('outcome', 'existing', 'job', public.describe_plan_job(v_active));
  end;
  if p_provider_key is not null then
    insert into public.plan_job_keys (job_id, ciphertext) values (p_job_id, p_provider_key);
  end if;
  return json_build_object('outcome', 'retried', 'job', public.describe_plan_job(v_job));
end
$$;

revoke all on function public.retry_plan_job(uuid, uuid, text) from public, anon, authenticated;
grant execute on function public.retry_plan_job(uuid, uuid, text) to service_role;
