-- Takes up to p_max_jobs due jobs for a worker, by priority, run_at, id. A repeated call with the
-- same p_claim_id answers the same jobs, as long as they run.

create function public.claim_plan_jobs(
  p_claim_id uuid,
  p_worker_id text,
  p_max_jobs integer default 1,
  p_job_types text[] default null
) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz;
  v_jobs jsonb;
begin
  if coalesce(p_max_jobs, 0) not between 1 and 1000 then
    raise sqlstate 'PT422' using
      message = 'A claim takes between 1 and 1000 jobs.',
      detail = 'max_jobs_out_of_range',
      hint = 'Claim again when these have ended.';
  end if;

  -- Two copies of one call, a retry beside its slow first try, take turns: else both would claim.
  perform pg_advisory_xact_lock(hashtextextended(p_claim_id::text, 0));

  if not exists (
    select from public.plan_generation_jobs
    where claim_id = p_claim_id and status = 'processing'
  ) then
    perform public.sweep_expired_plan_jobs();
    v_now := clock_timestamp();

    -- One short range of the index per priority: jobs of a higher priority that wait for a later
    -- run_at are not even passed over. The ids are picked once, as an array.
    update public.plan_generation_jobs
    set
      status = 'processing',
      claim_id = p_claim_id,
      worker_id = p_worker_id,
      lease_expires_at = v_now + make_interval(secs => lease_seconds),
      lease_lost_at = null,
      started_at = v_now,
      updated_at = v_now
    where id = any(array(
      select due.id
      from
        generate_series(10, 0, -1) as level (priority)
        cross join lateral (
          select job.id
          from public.plan_generation_jobs as job
          where
            job.status = 'pending'
            and job.priority = level.priority
            and job.run_at <= v_now
            and (p_job_types is null or job.job_type = any(p_job_types))
          order by job.run_at, job.id
          limit p_max_jobs
          for update skip locked
        ) as due
      limit p_max_jobs
    ));
  end if;

  select
    jsonb_agg(
      jsonb_build_object(
        'id', job.id,
        'user_id', job.user_id,
        'job_type', job.job_type,
        'params', job.params,
        'project_id', job.project_id,
        'trace_id', job.trace_id,
        'claim_id', job.claim_id,
        'retry_count', job.retry_count,
        'max_retries', job.max_retries,
        'crash_count', job.crash_count,
        'lease_seconds', job.lease_seconds,
        'max_runtime_seconds', job.max_runtime_seconds,
        'created_at', job.created_at,
        'started_at', job.started_at
      )
      order by job.priority desc, job.run_at, job.id
    ) into v_jobs
  from public.plan_generation_jobs as job
  where job.claim_id = p_claim_id and job.status = 'processing';
  return coalesce(v_jobs, '[]');
end
$$;

-- The one-job form for scripts and the SQL editor. It makes the claim id itself, so it cannot be
-- repeated: a lost answer costs the job one lease.
create function public.claim_next_plan_job(p_worker_id text) returns jsonb
language sql
volatile
set search_path = ''
as $$
  select public.claim_plan_jobs(gen_random_uuid(), p_worker_id) -> 0
$$;

revoke all on function public.claim_plan_jobs(uuid, text, integer, text[])
from public, anon, authenticated;
grant execute on function public.claim_plan_jobs(uuid, text, integer, text[]) to service_role;
revoke all on function public.claim_next_plan_job(text) from public, anon, authenticated;
grant execute on function public.claim_next_plan_job(text) to service_role;
