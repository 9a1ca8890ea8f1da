-- Replaces sweep_expired_plan_jobs. Where the sweep before took long, it moves the floor of an
-- empty lane, too: with no first job in line the floor stayed, all jobs to come had the same turn,
-- and under an old snapshot each claim read all that had gone before. The step is far beyond any
-- turn given; a job that is on its way below it is found by the next sweep.
--
-- And it rests twice as long, a thousand times what it took: at 50 claims a second, a sweep of
-- 5 ms was part of nearly every hundredth.

create or replace function public.sweep_expired_plan_jobs(
  p_max_rows integer default 100
) returns integer
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_swept integer;
  v_was_slow boolean;
begin
  -- Whoever finds the row taken leaves the sweep to its holder: no claim waits for it.
  select pause > interval '1 second' into v_was_slow
  from public.plan_queue_sweep
  where swept_at < v_now - pause
  for update skip locked;
  if not found then
    return 0;
  end if;

  -- A swept job runs again at once, unless its cancellation was asked for or it has lost its last
  -- lease.
  with expired as (
    select
      job.id,
      case
        when job.cancel_requested_at is not null then 'cancelled'
        when job.crash_count + 1 < job.max_crashes then 'pending'
        else 'failed'
      end as next_status
    from public.plan_generation_jobs as job
    where job.status = 'processing' and job.lease_expires_at < v_now
    limit p_max_rows
    for update skip locked
  ),

  swept as (
    update public.plan_generation_jobs as job
    set
      status = expired.next_status,
      crash_count = job.crash_count + 1,
      lease_expires_at = null,
      lease_lost_at = v_now,
      progress = null,
      error = case expired.next_status
        when 'failed' then jsonb_build_object(
          'code', 'worker_lost',
          'message', 'The job was stopped: its workers went silent too many times.'
        )
        else job.error
      end,
      completed_at = case when expired.next_status <> 'pending' then v_now end,
      expires_at = case
        when expired.next_status <> 'pending' then v_now + make_interval(hours => job.ttl_hours)
      end,
      updated_at = v_now
    from expired
    where job.id = expired.id
    returning job.id, job.claim_id, job.job_type, job.worker_id, job.status, job.started_at
  )

  insert into public.plan_job_attempts (
    job_id, claim_id, job_type, worker_id, outcome, started_at, ended_at
  )
  select
    swept.id, swept.claim_id, swept.job_type, swept.worker_id,
    case swept.status when 'cancelled' then 'cancelled' else 'crashed' end,
    swept.started_at, v_now
  from swept;
  get diagnostics v_swept = row_count;

  delete from public.plan_job_starts where started_at <= v_now - interval '1 minute';

  update public.plan_queue_lanes as lane
  set floor = coalesce(head.turn, lane.floor + 1000000)
  from (
    select
      lane.job_type,
      lane.priority,
      (
        select job.turn from public.plan_generation_jobs as job
        where
          job.status = 'pending'
          and job.job_type = lane.job_type
          and job.priority = lane.priority
          and job.turn is not null
        order by job.turn, job.id
        limit 1
      ) as turn
    from public.plan_queue_lanes as lane
  ) as head
  where
    lane.job_type = head.job_type
    and lane.priority = head.priority
    and (lane.floor <> head.turn or (v_was_slow and head.turn is null));

  update public.plan_queue_sweep
  set
    swept_at = v_now,
    pause = least('10 s', greatest('1 s', 1000 * (clock_timestamp() - v_now)))
  where singleton;
  return v_swept;
end
$$;
