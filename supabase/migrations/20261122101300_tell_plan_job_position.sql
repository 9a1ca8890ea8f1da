-- Where a job stands and when it will probably be done:
-- {status, position_in_queue, estimated_duration, estimated_duration_p90, estimated_completion_at},
-- durations in seconds; null for a job that is gone. Cheap at any depth of the queue: nothing is
-- counted beyond 10,000 rows, or read beyond the 1,000 latest attempts.
--
-- position_in_queue: 1 is the next of its type to start; null unless it waits in its lane. Behind
-- more than 10,000 it is an estimate, as many jobs to a turn as among the first 10,000.
-- estimated_completion_at: the jobs before it, and itself, at the median duration, as many at a
-- time as run now, and no faster than starts_per_minute; null until one of its type has completed,
-- while the type is held back, and once it has ended.

create function public.plan_job_position(p_job_id uuid) returns json
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
        order by extract(epoch from latest.ended_at - latest.started_at)
      ) as percentiles
    from (
      select attempt.job_type, attempt.outcome, attempt.started_at, attempt.ended_at
      from public.plan_job_attempts as attempt
      order by attempt.job_id desc
      limit 1000
    ) as latest
    where latest.job_type = v_job.job_type and latest.outcome = 'completed'
  ) as measured;

  if v_job.status = 'pending' and v_job.turn is not null then
    select count(*), min(sooner.turn), max(sooner.turn)
    into v_counted, v_first_turn, v_last_turn
    from (
      select job.turn
      from public.plan_generation_jobs as job
      where
        job.status = 'pending'
        and job.job_type = v_job.job_type
        and job.priority = v_job.priority
        and job.turn is not null
        and (job.turn, job.id) < (v_job.turn, v_job.id)
      order by job.turn, job.id
      limit 10000
    ) as sooner;
    v_before := case
      when v_counted < 10000 then v_counted
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

revoke all on function public.plan_job_position(uuid) from public, anon, authenticated;
grant execute on function public.plan_job_position(uuid) to service_role;
