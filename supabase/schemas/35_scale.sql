-- How many workers the backlog wants, for what starts and stops them.

-- Whether something waits for a worker that is no job yet: held ones whose parents have ended, a
-- schedule that is due, a message to send. Without this, nobody would come who was away.
create function supajobs.has_errands() returns boolean
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  return
    exists (select from supajobs.news where not is_stuck)
    or exists (
      select from public.plan_job_schedules as schedule
      where schedule.paused_at is null and schedule.next_run_at <= v_now
    )
    or exists (
      select from supajobs.deliveries as delivery
      -- What is older than a day, nobody here sends.
      where delivery.run_at between v_now - interval '1 day' and v_now
    );
end
$$;

-- {job_types: [{job_type, due, running, workers}], total: {due, running, workers},
-- jobs_per_worker}, of the types that have any.
--
-- workers: (due + running) / p_jobs_per_worker (WORKER_CONCURRENCY), rounded up. due: as many as
-- may start within a minute, by the limits of their type, so that nobody is started to wait;
-- counted up to 10,000 of each type in its lanes, and of all that were put off and are due. The
-- total is that of all jobs together, for workers take jobs of any type; and one at least, where
-- something else waits that only a worker does.
create function public.describe_plan_scale(p_jobs_per_worker integer default 10) returns json
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
set jit = off
as $$
begin
  if (p_jobs_per_worker between 1 and 1000) is not true then
    raise sqlstate 'PT422' using
      message = 'A worker runs between 1 and 1000 jobs.',
      detail = 'jobs_per_worker_out_of_range';
  end if;

  return (
    with found (job_type, due, running) as (
      select lane.job_type, waiting.jobs, 0::bigint
      from (select distinct each.job_type from supajobs.lanes as each) as lane
      cross join lateral (
        select count(*) as jobs
        from (
          select from public.plan_generation_jobs as job
          where
            job.status = 'pending' and job.job_type = lane.job_type and job.turn is not null
          limit 10000
        ) as counted
      ) as waiting
      union all
      select later.job_type, count(*), 0
      from (
        select job.job_type
        from public.plan_generation_jobs as job
        where
          job.status = 'pending' and job.turn is null and not job.is_held
          and job.run_at <= clock_timestamp()
        limit 10000
      ) as later
      group by later.job_type
      union all
      select job.job_type, 0, count(*)
      from public.plan_generation_jobs as job
      where job.status = 'processing'
      group by job.job_type
    ),

    summed as (
      select found.job_type, sum(found.due) as due, sum(found.running) as running
      from found
      group by found.job_type
      having sum(found.due + found.running) > 0
    ),

    wanted as (
      select
        summed.job_type,
        summed.running,
        greatest(
          0, least(summed.due, type.max_running - summed.running, type.starts_per_minute)
        ) as due
      from summed
      left join public.plan_job_types as type on summed.job_type = type.job_type
    ),

    counted as (
      select
        wanted.job_type,
        grouping(wanted.job_type) = 1 as is_total,
        coalesce(sum(wanted.due), 0) as due,
        coalesce(sum(wanted.running), 0) as running,
        coalesce(ceil(sum(wanted.due + wanted.running) / p_jobs_per_worker), 0) as workers
      from wanted
      group by grouping sets ((wanted.job_type), ())
    )

    select
      json_build_object(
        'job_types',
        coalesce(
          json_agg(
            json_build_object(
              'job_type', counted.job_type, 'due', counted.due, 'running', counted.running,
              'workers', counted.workers
            )
            order by counted.job_type
          ) filter (where not counted.is_total),
          '[]'
        ),
        'total',
        (
          select
            json_build_object(
              'due', each.due,
              'running', each.running,
              'workers', greatest(each.workers, supajobs.has_errands()::integer)
            )
          from counted as each
          where each.is_total
        ),
        'jobs_per_worker', p_jobs_per_worker
      )
    from counted
  );
end
$$;

revoke all on function public.describe_plan_scale from public, anon, authenticated;
grant execute on function public.describe_plan_scale to service_role;
