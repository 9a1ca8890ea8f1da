-- Replaces retry_plan_job: the job gets a new turn. And save_plan_job_step, which now leaves a mark
-- on the job, so that completing one without steps need not look for them.

create or replace function public.retry_plan_job(p_job_id uuid, p_user_id uuid) returns jsonb
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
      turn = public.plan_job_turn(user_id, job_type, priority),
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

create or replace function public.save_plan_job_step(
  p_job_id uuid, p_claim_id uuid, p_name text, p_output jsonb
) returns jsonb
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

  insert into public.plan_job_steps (job_id, name, output)
  values (p_job_id, p_name, p_output)
  on conflict (job_id, name) do update set output = excluded.output, saved_at = excluded.saved_at;
  return '{"outcome": "saved"}';
end
$$;
