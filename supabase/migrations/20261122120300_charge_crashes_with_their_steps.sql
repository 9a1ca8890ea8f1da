-- Replaces sweep_expired_plan_jobs: the attempt of a crashed job gets the usage of the steps that
-- were saved in it. What it had spent since the last of them nobody knows.

-- What the steps of one attempt consumed: {model, input_tokens, output_tokens, cost_usd}; null if
-- none consumed anything. Models are in the order of their first use; the cost is null as soon as
-- that of one step is.
create function public.sum_plan_job_steps(
  p_job_id uuid, p_claim_id uuid, p_started_at timestamptz
) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    with spent as (
      select step.saved_at, step.model, step.input_tokens, step.output_tokens, step.cost_usd
      from public.plan_job_steps as step
      where
        step.job_id = p_job_id
        and step.claim_id = p_claim_id
        and step.saved_at >= p_started_at -- a claim that came again has taken the job twice
        and num_nonnulls(step.model, step.input_tokens, step.output_tokens, step.cost_usd) > 0
    )

    select
      jsonb_build_object(
        'model', (
          select string_agg(used.model, ', ' order by used.first_at)
          from (
            select each.model, min(spent.saved_at) as first_at
            from spent
            cross join lateral string_to_table(spent.model, ', ') as each (model)
            group by each.model
          ) as used
        ),
        'input_tokens', sum(spent.input_tokens),
        'output_tokens', sum(spent.output_tokens),
        'cost_usd', case when count(spent.cost_usd) = count(*) then sum(spent.cost_usd) end
      )
    from spent
    having count(*) > 0
  );
end
$$;

revoke all on function public.sum_plan_job_steps(uuid, uuid, timestamptz)
from public, anon, authenticated;
grant execute on function public.sum_plan_job_steps(uuid, uuid, timestamptz) to service_role;

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
    insert into public.plan_job_attempts (
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
