-- Lets no sweep pass over a job that is on its way. A sweep moved the floor of a lane, where claims
-- begin to look, to the first job that it saw. An enqueue that had found its turn before, and
-- committed after, came in below it: claims did not find it before the next sweep, up to ten
-- seconds later, and who drained the queue left it behind.
--
-- Now a sweep moves the entry of the lane, where new jobs come in, and the floor only to where the
-- entry was already. What still comes in below has been on its way since before the sweep before,
-- for more than a second. Claims read what has gone since two sweeps instead of one.

alter table public.plan_queue_lanes add column entry bigint not null default 0;
comment on column public.plan_queue_lanes.entry is
'Where new jobs come in: none is given a turn below it. The sweep moves it up.';
comment on column public.plan_queue_lanes.floor is
'Where claims begin to look. The sweep moves it to where the entry was.';
update public.plan_queue_lanes set entry = floor
where true;

-- Where a job comes into a lane: at the turn of the first that waits from the entry on. A lane
-- comes into being here, with its first job.
create or replace function public.plan_lane_head(p_job_type text, p_priority integer) returns bigint
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_entry bigint;
begin
  select lane.entry into v_entry from public.plan_queue_lanes as lane
  where lane.job_type = p_job_type and lane.priority = p_priority;
  if not found then
    insert into public.plan_queue_lanes (job_type, priority) values (p_job_type, p_priority)
    on conflict do nothing;
    return 0;
  end if;
  return coalesce(
    (
      select job.turn from public.plan_generation_jobs as job
      where
        job.status = 'pending'
        and job.job_type = p_job_type
        and job.priority = p_priority
        and job.turn >= v_entry
      order by job.turn, job.id
      limit 1
    ),
    v_entry
  );
end
$$;

-- A job goes back to its turn, unless that is below the entry by now.
create or replace function public.release_plan_jobs(p_jobs jsonb) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_answers json;
  v_all_free boolean;
begin
  with given as (
    select * from jsonb_to_recordset(p_jobs) as given (job_id uuid, claim_id uuid, usage jsonb)
    order by given.job_id -- so that two batches lock their jobs in the same order
  ),

  ended as (
    update public.plan_generation_jobs as job
    set
      status = case when job.cancel_requested_at is null then 'pending' else 'cancelled' end,
      turn = greatest(job.turn, (
        select lane.entry from public.plan_queue_lanes as lane
        where lane.job_type = job.job_type and lane.priority = job.priority
      )),
      progress = null,
      lease_expires_at = null,
      completed_at = case when job.cancel_requested_at is not null then v_now end,
      expires_at = case
        when job.cancel_requested_at is not null then v_now + make_interval(hours => job.ttl_hours)
      end,
      updated_at = v_now
    from given
    where
      job.id = any(array(select given.job_id from given))
      and job.id = given.job_id
      and job.claim_id = given.claim_id
      and job.status = 'processing'
    returning
      job.id, job.claim_id, job.job_type, job.worker_id, job.started_at, given.usage,
      case job.status when 'pending' then 'released' else 'cancelled' end as outcome
  ),

  attempts as (
    insert into public.plan_job_unsuccessful_attempts (
      job_id, claim_id, job_type, worker_id, outcome, started_at, ended_at,
      model, input_tokens, output_tokens, cost_usd
    )
    select
      ended.id, ended.claim_id, ended.job_type, ended.worker_id, ended.outcome, ended.started_at,
      v_now, ended.usage ->> 'model', (ended.usage ->> 'input_tokens')::bigint,
      (ended.usage ->> 'output_tokens')::bigint, (ended.usage ->> 'cost_usd')::numeric
    from ended
  )

  select
    coalesce(
      json_agg(json_build_object('job_id', id, 'claim_id', claim_id, 'outcome', outcome)), '[]'
    ),
    count(*) filter (where usage is null) = jsonb_array_length(p_jobs)
  into v_answers, v_all_free
  from ended;

  if v_all_free then
    return v_answers;
  end if;
  perform public.record_plan_job_costs(
    array(select (job ->> 'job_id')::uuid from jsonb_array_elements(p_jobs) as job), v_now
  );
  return public.recall_plan_job_settles(p_jobs, v_answers, array['released', 'cancelled']);
end
$$;

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
  v_with_usage uuid[];
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
    returning
      job.id, job.claim_id, job.job_type, job.worker_id, job.status, job.started_at,
      case
        when job.has_steps
          then public.sum_plan_job_steps(job.id, job.claim_id, job.started_at)
      end as usage
  ),

  attempts as (
    insert into public.plan_job_unsuccessful_attempts (
      job_id, claim_id, job_type, worker_id, outcome, started_at, ended_at,
      model, input_tokens, output_tokens, cost_usd
    )
    select
      swept.id, swept.claim_id, swept.job_type, swept.worker_id,
      case swept.status when 'cancelled' then 'cancelled' else 'crashed' end,
      swept.started_at, v_now, swept.usage ->> 'model', (swept.usage ->> 'input_tokens')::bigint,
      (swept.usage ->> 'output_tokens')::bigint, (swept.usage ->> 'cost_usd')::numeric
    from swept
  )

  select count(*), array_agg(swept.id) filter (where swept.usage is not null)
  into v_swept, v_with_usage
  from swept;
  if v_with_usage is not null then
    perform public.record_plan_job_costs(v_with_usage, v_now);
  end if;

  delete from public.plan_job_starts where started_at <= v_now - interval '1 minute';

  update public.plan_queue_lanes as lane
  set floor = moved.floor, entry = moved.entry
  from (
    select
      lane.job_type,
      lane.priority,
      least(lane.entry, head.turn) as floor,
      greatest(
        lane.entry,
        head.turn,
        case when v_was_slow and head.turn is null then lane.entry + 1000000 end
      ) as entry
    from public.plan_queue_lanes as lane
    left join lateral (
      select job.turn from public.plan_generation_jobs as job
      where
        job.status = 'pending'
        and job.job_type = lane.job_type
        and job.priority = lane.priority
        and job.turn is not null
      order by job.turn, job.id
      limit 1
    ) as head on true
  ) as moved
  where
    lane.job_type = moved.job_type
    and lane.priority = moved.priority
    and (lane.floor, lane.entry) <> (moved.floor, moved.entry);

  update public.plan_queue_sweep
  set
    swept_at = v_now,
    pause = least('10 s', greatest('1 s', 1000 * (clock_timestamp() - v_now)))
  where singleton;
  return v_swept;
end
$$;
