-- Replaces plan_job_position and describe_plan_queue: the latest completed jobs are those that
-- completed last, where it was those that were requested last. Jobs that fail by their last crash
-- count as failed: the success rate was too high without them. And where very many users have the
-- same turn, a place in it is found as fast, and behind 10,000 of them is not told as 1.

create index plan_generation_jobs_completed
on public.plan_generation_jobs (completed_at)
where status = 'completed';

create or replace function public.plan_job_position(p_job_id uuid) returns json
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_job public.plan_generation_jobs;
  v_before double precision;
  v_counted integer;
  v_first_turn bigint;
  v_last_turn bigint;
  v_median double precision;
  v_p90 double precision;
  v_running integer;
  v_type public.plan_job_types;
  v_starts_in double precision;
begin
  select * into v_job from public.plan_generation_jobs where id = p_job_id;
  if not found then
    return null;
  end if;

  select percentiles[1], percentiles[2] into v_median, v_p90
  from (
    select
      percentile_cont(array[0.5, 0.9]) within group (
        order by extract(epoch from latest.completed_at - latest.started_at)
      ) as percentiles
    from (
      select job.job_type, job.started_at, job.completed_at
      from public.plan_generation_jobs as job
      where job.status = 'completed'
      order by job.completed_at desc
      limit 1000
    ) as latest
    where latest.job_type = v_job.job_type
  ) as measured;

  if v_job.status = 'pending' and v_job.turn is not null then
    -- Those of earlier turns, then those of its own: one comparison of rows would read on to the end
    -- of the turn.
    select count(*), min(earlier.turn), max(earlier.turn)
    into v_counted, v_first_turn, v_last_turn
    from (
      select job.turn
      from public.plan_generation_jobs as job
      where
        job.status = 'pending'
        and job.job_type = v_job.job_type
        and job.priority = v_job.priority
        and job.turn < v_job.turn
      order by job.turn, job.id
      limit 10000
    ) as earlier;
    v_before := case
      when v_counted < 10000 then v_counted + (
        select count(*)
        from (
          select from public.plan_generation_jobs as job
          where
            job.status = 'pending'
            and job.job_type = v_job.job_type
            and job.priority = v_job.priority
            and job.turn = v_job.turn
            and job.id < v_job.id
          limit 10000
        ) as of_its_turn
      )
      else v_counted * (v_job.turn - v_first_turn) / greatest(1, v_last_turn - v_first_turn)
    end + (
      select count(*)
      from (
        select from public.plan_generation_jobs as job
        where
          job.status = 'pending'
          and job.job_type = v_job.job_type
          and job.priority > v_job.priority
          and job.turn is not null
        limit 10000
      ) as more_urgent
    );
  end if;

  select count(*) into v_running
  from public.plan_generation_jobs
  where status = 'processing' and job_type = v_job.job_type;
  select * into v_type from public.plan_job_types where job_type = v_job.job_type;
  v_starts_in := case
    when v_job.status = 'processing' then extract(epoch from v_job.started_at - v_now)
    when 0 in (v_type.max_running, v_type.starts_per_minute) then null
    when v_job.status = 'pending' then greatest(
      extract(epoch from v_job.run_at - v_now),
      v_before * v_median / greatest(1, v_running),
      v_before * 60 / v_type.starts_per_minute,
      0
    )
  end;

  return json_build_object(
    'status', v_job.status,
    'position_in_queue', round(v_before)::bigint + 1,
    'estimated_duration', v_median,
    'estimated_duration_p90', v_p90,
    'estimated_completion_at', case
      when v_starts_in + v_median < 0 then v_now
      else v_now + make_interval(secs => v_starts_in + v_median)
    end
  );
end
$$;

-- {job_types: [{job_type, pending, scheduled, processing, capped, oldest_pending_seconds,
-- completed, failed, cancelled, retrying, released, crashed, success_rate, throughput_per_minute,
-- duration_p50, duration_p95}], total: {the same over all types}, window_seconds}.
--
-- pending: due. scheduled: waits for its run_at. capped: there are more, for the counting stops: at
-- 100,000 jobs of a type in its lanes, and at 10,000 of all types together that wait for their
-- run_at, whose types are not in their index. To count a million of both took 850 ms.
--
-- completed to duration_p95 are of the attempts that ended in the last window_seconds: an hour, or
-- as far back as the latest 10,000 reach that completed, and the latest 10,000 that did not. The
-- latter are of the jobs that were requested last, for job ids are in time order and no index is on
-- ended_at: where more than 10,000 of them end in an hour, those of jobs that had waited for longer
-- are missed.
-- failed: those that failed by their last crash, too. throughput_per_minute: completed jobs.
-- Durations: of completed attempts, in seconds.
create or replace function public.describe_plan_queue() returns json
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
set jit = off -- which takes longer to compile this than it runs
as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  return (
    with completed as (
      select job.job_type, 'completed' as outcome, job.started_at, job.completed_at as ended_at
      from public.plan_generation_jobs as job
      where job.status = 'completed' and job.completed_at >= v_now - interval '1 hour'
      order by job.completed_at desc
      limit 10000
    ),

    unsuccessful as (
      select
        attempt.job_id, attempt.job_type, attempt.outcome, attempt.started_at, attempt.ended_at
      from public.plan_job_unsuccessful_attempts as attempt
      order by attempt.job_id desc
      limit 10000
    ),

    later as (
      select job.job_type, job.run_at
      from public.plan_generation_jobs as job
      where job.status = 'pending' and job.turn is null
      order by job.run_at
      limit 10000
    ),

    -- A job also fails by its last crash.
    crashed_for_good as (
      select unsuccessful.job_type, 'failed' as outcome, unsuccessful.ended_at
      from unsuccessful
      inner join public.plan_generation_jobs as job
        on unsuccessful.job_id = job.id and unsuccessful.ended_at = job.completed_at
      where unsuccessful.outcome = 'crashed' and job.status = 'failed'
    ),

    latest as (
      select job_type, outcome, started_at, ended_at from completed
      union all
      select job_type, outcome, started_at, ended_at from unsuccessful
      union all
      select job_type, outcome, null, ended_at from crashed_for_good
    ),

    reach as (
      select
        greatest(
          v_now - interval '1 hour',
          (select min(ended_at) from completed having count(*) = 10000),
          (select min(ended_at) from unsuccessful having count(*) = 10000)
        ) as ended_since,
        (select count(*) from later) = 10000 as is_capped
    ),

    facts (
      job_type, pending, scheduled, processing, capped, due_since, outcome, seconds
    ) as (
      select
        type.job_type, 0::bigint, 0::bigint, 0::bigint, false, null::timestamptz, null::text,
        null::double precision
      from public.plan_job_types as type
      union all
      select lane.job_type, waiting.jobs, 0, 0, waiting.jobs = 100000, null, null, null
      from (select distinct each.job_type from public.plan_queue_lanes as each) as lane
      cross join lateral (
        select count(*) as jobs
        from (
          select from public.plan_generation_jobs as job
          where
            job.status = 'pending' and job.job_type = lane.job_type and job.turn is not null
          limit 100000
        ) as counted
        having count(*) > 0
      ) as waiting
      union all
      select
        later.job_type,
        count(*) filter (where later.run_at <= v_now),
        count(*) filter (where later.run_at > v_now),
        0, false, null, null, null
      from later
      group by later.job_type
      union all
      select job.job_type, 0, 0, count(*), false, null, null, null
      from public.plan_generation_jobs as job
      where job.status = 'processing'
      group by job.job_type
      union all
      select oldest.job_type, 0, 0, 0, false, oldest.due_since, null, null
      from public.oldest_due_plan_jobs() as oldest
      union all
      select
        latest.job_type, 0, 0, 0, false, null, latest.outcome,
        extract(epoch from latest.ended_at - latest.started_at)
      from latest
      cross join reach
      where latest.ended_at >= reach.ended_since
    ),

    summed as (
      select
        facts.job_type,
        grouping(facts.job_type) = 1 as is_total,
        coalesce(sum(facts.pending), 0) as pending,
        coalesce(sum(facts.scheduled), 0) as scheduled,
        coalesce(sum(facts.processing), 0) as processing,
        coalesce(bool_or(facts.capped), false) as capped,
        min(facts.due_since) as due_since,
        count(*) filter (where facts.outcome = 'completed') as completed,
        count(*) filter (where facts.outcome = 'failed') as failed,
        count(*) filter (where facts.outcome = 'cancelled') as cancelled,
        count(*) filter (where facts.outcome = 'retrying') as retrying,
        count(*) filter (where facts.outcome = 'released') as released,
        count(*) filter (where facts.outcome = 'crashed') as crashed,
        percentile_cont(array[0.5, 0.95]) within group (order by facts.seconds)
        filter (where facts.outcome = 'completed') as durations
      from facts
      group by grouping sets ((facts.job_type), ())
    ),

    figures as (
      select
        summed.is_total,
        json_build_object(
          'job_type', summed.job_type,
          'pending', summed.pending,
          'scheduled', summed.scheduled,
          'processing', summed.processing,
          'capped', summed.capped or reach.is_capped,
          'oldest_pending_seconds', extract(epoch from v_now - summed.due_since),
          'completed', summed.completed,
          'failed', summed.failed,
          'cancelled', summed.cancelled,
          'retrying', summed.retrying,
          'released', summed.released,
          'crashed', summed.crashed,
          'success_rate',
          summed.completed::double precision / nullif(summed.completed + summed.failed, 0),
          'throughput_per_minute',
          summed.completed * 60 / extract(epoch from v_now - reach.ended_since)::double precision,
          'duration_p50', summed.durations[1],
          'duration_p95', summed.durations[2]
        ) as answer,
        summed.job_type
      from summed
      cross join reach
    )

    select
      json_build_object(
        'job_types',
        coalesce(
          json_agg(figures.answer order by figures.job_type) filter (where not figures.is_total),
          '[]'
        ),
        'total',
        (select total.answer::jsonb - 'job_type' from figures as total where total.is_total),
        'window_seconds', (select extract(epoch from v_now - reach.ended_since) from reach)
      )
    from figures
  );
end
$$;
