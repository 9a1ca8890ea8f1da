-- Whether the queue does its work: {status: healthy | degraded | unhealthy, reasons: [{code,
-- status, message, jobs?, job_type?, seconds?}]}, the worst reason first; the status is its own.
--
-- stuck_jobs: jobs run although their max_runtime and their last lease are over.
-- expired_leases: jobs whose worker has been silent for longer than a sweep takes to notice.
-- nobody_claims: claims sweep, at least once in ten seconds, and none has for p_silent_seconds, or
-- ever. Unhealthy if jobs are due.
-- old_backlog: the oldest due job has waited for p_old_seconds, or (unhealthy) for
-- p_very_old_seconds. Jobs of types that are held back by a limit of 0 wait as they should.
--
-- As cheap as a claim's own look: it reads what runs, and the head of each lane.
create function public.check_plan_queue(
  p_unswept_seconds integer default 60,
  p_silent_seconds integer default 180,
  p_old_seconds integer default 300,
  p_very_old_seconds integer default 3600
) returns json
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
    with running as (
      select
        count(*) filter (
          where
          v_now > job.started_at
          + make_interval(secs => job.max_runtime_seconds + job.lease_seconds)
        ) as stuck,
        count(*) filter (
          where v_now > job.lease_expires_at + make_interval(secs => p_unswept_seconds)
        ) as expired
      from public.plan_generation_jobs as job
      where job.status = 'processing'
    ),

    oldest as (
      select due.job_type, extract(epoch from v_now - due.due_since) as seconds
      from public.oldest_due_plan_jobs() as due
      left join public.plan_job_types as type on due.job_type = type.job_type
      where (0 in (type.max_running, type.starts_per_minute)) is not true
      order by due.due_since
      limit 1
    ),

    claims as (
      select
        nullif(sweep.swept_at, '-infinity') as swept_at,
        exists (select from oldest) as some_are_due
      from public.plan_queue_sweep as sweep
      where sweep.swept_at < v_now - make_interval(secs => p_silent_seconds)
    ),

    reasons (code, status, message, jobs, job_type, seconds) as (
      select
        'stuck_jobs', 'degraded',
        format(
          '%s of the running jobs should have ended: start `supajobs work`, whose claims take '
          || 'them back; if it runs, look for who holds them locked (pg_stat_activity).',
          running.stuck
        ),
        running.stuck, null::text, null::numeric
      from running
      where running.stuck > 0
      union all
      select
        'expired_leases', 'degraded',
        format(
          '%s of the running jobs lost their worker: start `supajobs work`, whose claims take '
          || 'them back, or check the schedule (cron.job_run_details).',
          running.expired
        ),
        running.expired, null, null
      from running
      where running.expired > 0
      union all
      select
        'nobody_claims',
        case when claims.some_are_due then 'unhealthy' else 'degraded' end,
        format(
          'No processor has asked for jobs %s: start `supajobs work`, or check the schedule '
          || '(cron.job_run_details).',
          coalesce(
            'since ' || to_char(claims.swept_at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS "UTC"'),
            'yet'
          )
        ),
        null, null, extract(epoch from v_now - claims.swept_at)
      from claims
      union all
      select
        'old_backlog',
        case when oldest.seconds > p_very_old_seconds then 'unhealthy' else 'degraded' end,
        format(
          'A job of type "%s" has been due for %s s: start more workers that know the type, or '
          || 'raise its limits (plan_job_types).',
          oldest.job_type, floor(oldest.seconds)
        ),
        null, oldest.job_type, oldest.seconds
      from oldest
      where oldest.seconds > p_old_seconds
    )

    select
      json_build_object(
        'status', coalesce(max(reasons.status), 'healthy'), -- the worse is later in the alphabet
        'reasons',
        coalesce(
          json_agg(json_strip_nulls(row_to_json(reasons)) order by reasons.status desc),
          '[]'
        )
      )
    from reasons
  );
end
$$;

revoke all on function public.check_plan_queue(integer, integer, integer, integer)
from public, anon, authenticated;
grant execute on function public.check_plan_queue(integer, integer, integer, integer)
to service_role;
