-- What waits, runs and has lately ended, for the people who run the queue.

-- Since when the oldest due job of each type has waited: from when it was due, or from when a
-- worker gave it back or lost it. A bounded look, for no index is in this order: the first 100 of
-- each lane, and of what is due and not yet promoted. As users take turns, a job further back in a
-- lane may be older than the first 100; the figure is then too low.
create function supajobs.oldest_due_jobs() returns table (
  job_type text, due_since timestamptz
)
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  return query
  select
    due.job_type,
    min(
      case
        when due.started_at > due.run_at then due.updated_at
        else greatest(due.run_at, due.created_at)
      end
    )
  from (
    select first.*
    from supajobs.lanes as lane
    cross join lateral (
      select job.job_type, job.run_at, job.created_at, job.started_at, job.updated_at
      from public.plan_generation_jobs as job
      where
        job.status = 'pending'
        and job.job_type = lane.job_type
        and job.priority = lane.priority
        and job.turn >= lane.floor
      order by job.turn, job.id
      limit 100
    ) as first
    union all
    (
      select job.job_type, job.run_at, job.created_at, job.started_at, job.updated_at
      from public.plan_generation_jobs as job
      where
        job.status = 'pending' and job.turn is null and not job.is_held and job.run_at <= v_now
      order by job.run_at
      limit 100
    )
  ) as due
  group by due.job_type;
end
$$;

-- {job_types: [{job_type, pending, scheduled, processing, capped, oldest_pending_seconds,
-- completed, failed, cancelled, retrying, released, suspended, crashed, success_rate,
-- throughput_per_minute, duration_p50, duration_p95}], total: {the same over all types},
-- window_seconds}.
--
-- pending: due. scheduled: waits for its run_at, suspended or not, or is held. capped: there are
-- more, for the counting stops: at 100,000 jobs of a type in its lanes, and at 10,000 of all types
-- together that wait for their run_at, and that are held, whose types are not in their index. To
-- count a million in lanes and a million put off took 850 ms.
--
-- completed to duration_p95 are of the attempts that ended in the last window_seconds: an hour, or
-- as far back as the latest 10,000 reach that completed, and the latest 10,000 that did not. The
-- latter are of the jobs that were requested last, for job ids are in time order and no index is on
-- ended_at: where more than 10,000 of them end in an hour, those of jobs that had waited for longer
-- are missed.
-- failed: those that failed by their last crash, too. throughput_per_minute: completed jobs.
-- Durations: of completed attempts, in seconds.
create function public.describe_plan_queue() returns json
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
      from supajobs.unsuccessful_attempts as attempt
      order by attempt.job_id desc
      limit 10000
    ),

    later as (
      select job.job_type, job.run_at
      from public.plan_generation_jobs as job
      where job.status = 'pending' and job.turn is null and not job.is_held
      order by job.run_at
      limit 10000
    ),

    held as (
      select job.job_type
      from public.plan_generation_jobs as job
      where job.status = 'pending' and job.is_held
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
        10000 in ((select count(*) from later), (select count(*) from held)) as is_capped
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
      from (select distinct each.job_type from supajobs.lanes as each) as lane
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
      select held.job_type, 0, count(*), 0, false, null, null, null from held
      group by held.job_type
      union all
      select job.job_type, 0, 0, count(*), false, null, null, null
      from public.plan_generation_jobs as job
      where job.status = 'processing'
      group by job.job_type
      union all
      select oldest.job_type, 0, 0, 0, false, oldest.due_since, null, null
      from supajobs.oldest_due_jobs() as oldest
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
        count(*) filter (where facts.outcome = 'suspended') as suspended,
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
          'suspended', summed.suspended,
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

revoke all on function public.describe_plan_queue from public, anon, authenticated;
grant execute on function public.describe_plan_queue to service_role;
