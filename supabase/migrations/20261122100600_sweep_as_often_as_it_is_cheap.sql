-- Replaces sweep_expired_plan_jobs: it also moves the floors of the lanes up and forgets old
-- starts. And it rests the longer the longer it took (while somebody holds an old snapshot it must
-- read all that has run since), so that housekeeping is 0.2 % of the claims' time: at most once a
-- second, at least once in ten.

alter table public.plan_queue_sweep add column pause interval not null default '1 second';

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
begin
  -- Whoever finds the row taken leaves the sweep to its holder: no claim waits for it.
  perform from public.plan_queue_sweep
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
  set floor = head.turn
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
    and lane.floor <> head.turn;

  update public.plan_queue_sweep
  set
    swept_at = v_now,
    pause = least('10 s', greatest('1 s', 500 * (clock_timestamp() - v_now)))
  where singleton;
  return v_swept;
end
$$;
