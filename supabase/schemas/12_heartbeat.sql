-- One call for all jobs of a worker: [{job_id, claim_id, progress?}], progress being {phase,
-- percentage, message}. Extends the leases, stores the progress, and carries cancellations down.
--
-- Per job: outcome held | lost | cancelled, cancel_requested, deadline. Past its deadline plus one
-- lease a job is not held any longer, however lively its worker.

-- Progress as all that read it take it, of what a worker says; null: of what says no percentage.
create function supajobs.read_progress(p_progress jsonb) returns jsonb
language sql
immutable
set search_path = ''
as $$
  select
    case jsonb_typeof(p_progress -> 'percentage')
      when 'number' then jsonb_build_object(
        'phase', coalesce(p_progress ->> 'phase', ''),
        'percentage',
        greatest(0, least(100, round((p_progress -> 'percentage')::numeric)))::integer,
        'message', coalesce(p_progress ->> 'message', '')
      )
    end;
$$;

create function public.heartbeat_plan_jobs(p_jobs jsonb) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_answers json;
begin
  with beat as (
    select job_id, claim_id, progress
    from jsonb_to_recordset(p_jobs) as beat (job_id uuid, claim_id uuid, progress jsonb)
  ),

  free as (
    select job.id
    from public.plan_generation_jobs as job
    where job.id = any(array(select beat.job_id from beat))
    for no key update skip locked
  ),

  held as (
    update public.plan_generation_jobs as job
    set
      lease_expires_at = least(
        v_now + make_interval(secs => job.lease_seconds),
        job.started_at + make_interval(secs => job.max_runtime_seconds + job.lease_seconds)
      ),
      progress = coalesce(supajobs.read_progress(beat.progress), job.progress),
      updated_at = v_now
    from beat
    where
      job.id = any(array(select free.id from free))
      and job.id = beat.job_id
      and job.claim_id = beat.claim_id
      and job.status = 'processing'
      and v_now < job.started_at
      + make_interval(secs => job.max_runtime_seconds + job.lease_seconds)
    returning
      job.id,
      job.claim_id,
      job.cancel_requested_at is not null as cancel_requested,
      job.started_at + make_interval(secs => job.max_runtime_seconds) as deadline
  )

  select
    coalesce(
      json_agg(
        json_build_object(
          'job_id', beat.job_id,
          'outcome', case
            when held.id is not null then 'held'
            when job.status = 'processing' and free.id is null then 'held'
            when job.status = 'cancelled' then 'cancelled'
            else 'lost'
          end,
          'cancel_requested', coalesce(held.cancel_requested, false),
          'deadline', held.deadline
        )
      ),
      '[]'
    ) into v_answers
  from beat
  left join held on beat.job_id = held.id and beat.claim_id = held.claim_id
  left join free on beat.job_id = free.id
  left join public.plan_generation_jobs as job
    on
      beat.job_id = job.id
      and beat.claim_id = job.claim_id
      -- By their key, though the statistics may be of when the table was empty.
      and job.id = any(array(select beat.job_id from beat));
  return v_answers;
end
$$;

revoke all on function public.heartbeat_plan_jobs from public, anon, authenticated;
grant execute on function public.heartbeat_plan_jobs to service_role;
