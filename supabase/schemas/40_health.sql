-- Whether the queue does its work, in words for people and codes for alerts.

-- Who keeps the dead rows of the queue from being removed: {kind: session | prepared transaction |
-- replication slot, name, pid?, since?}, the oldest one; null for nobody. Sessions and prepared
-- transactions count from p_min_age on; an unused slot, whose age Postgres does not tell, from
-- 10,000 transactions on.
create function supajobs.find_vacuum_blocker(
  p_min_age interval default '15 minutes'
) returns json
language plpgsql
stable
-- Others' transactions are shown to members of pg_monitor alone. It tells who and since when, never
-- what they do, to whoever may execute it: the service.
security definer
set search_path = ''
as $$
declare
  v_since timestamptz := clock_timestamp() - p_min_age;
begin
  return (
    select json_strip_nulls(row_to_json(blocker))
    from (
      select
        'session' as kind,
        coalesce(nullif(session.application_name, ''), session.usename::text) as name,
        session.pid,
        session.xact_start as since
      from pg_catalog.pg_stat_activity as session
      where
        session.datname = current_database()
        and session.pid <> pg_backend_pid()
        and session.xact_start < v_since
        and (session.backend_xmin is not null or session.backend_xid is not null)
        and session.backend_type <> 'autovacuum worker'
      union all
      select 'prepared transaction', prepared.gid, null, prepared.prepared
      from pg_catalog.pg_prepared_xacts as prepared
      where prepared.database = current_database() and prepared.prepared < v_since
      union all
      select 'replication slot', slot.slot_name::text, null, null
      from pg_catalog.pg_replication_slots as slot
      where not slot.active and age(slot.xmin) > 10000
      order by since nulls last
      limit 1
    ) as blocker
  );
end
$$;

-- Whether the queue does its work: {status: healthy | degraded | unhealthy, reasons: [{code,
-- status, message, jobs?, job_type?, seconds?}]}, the worst reason first; the status is its own.
--
-- database_read_only: nothing can be changed, as Supabase has it at a full disk; the only reason
-- then, for all others would follow from it.
-- stuck_jobs: jobs run although their max_runtime and their last lease are over.
-- expired_leases: jobs whose worker has been silent for longer than a sweep takes to notice.
-- nobody_claims: claims sweep, at least once in ten seconds, and none has for p_silent_seconds, or
-- ever. Unhealthy if jobs are due.
-- old_backlog: the oldest due job has waited for p_old_seconds, or (unhealthy) for
-- p_very_old_seconds. Jobs of types that are held back by a limit of 0 wait as they should.
-- no_handler: jobs have been due for a minute, processors were seen in the last 90 seconds, and
-- none of them has code for the type.
-- dead_trigger: a schedule that was made does not do its work (describe_plan_triggers). Unhealthy
-- if it is the one that starts jobs, jobs are due, and nobody else seems to be there to start them:
-- no processor was seen, and none has claimed for a minute. A project without schedules, with
-- workers that are always on, is none the worse for it: nobody_claims tells of those.
-- late_schedules: recurring jobs are late by two periods or more: nobody takes them, or they cannot
-- be read. It names the one that is late the longest.
-- old_snapshot: somebody's old transaction keeps many dead rows from being removed.
-- dead_tuples: there are many, nobody keeps them, and the last vacuum was ten minutes ago or more.
-- Many: 20,000, and a fifth of the live rows.
--
-- As cheap as a claim's own look: it reads what runs, the head of each lane, the latest runs of the
-- trigger's schedules, and the recurring jobs that are overdue.
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
  v_schedules json := public.describe_plan_triggers() -> 'schedules';
  v_dead bigint := pg_stat_get_dead_tuples('public.plan_generation_jobs'::regclass);
  v_live bigint := pg_stat_get_live_tuples('public.plan_generation_jobs'::regclass);
  v_vacuumed_at timestamptz := greatest(
    pg_stat_get_last_vacuum_time('public.plan_generation_jobs'::regclass),
    pg_stat_get_last_autovacuum_time('public.plan_generation_jobs'::regclass)
  );
  v_has_many_dead boolean := v_dead > greatest(20000, v_live / 5);
  v_blocker json;
begin
  if current_setting('default_transaction_read_only')::boolean or pg_is_in_recovery() then
    return json_build_object(
      'status', 'unhealthy',
      'reasons', json_build_array(
        json_build_object(
          'code', 'database_read_only',
          'status', 'unhealthy',
          'message', 'The database is read-only, so no job is enqueued, claimed or settled: see '
          || 'whether its disk is full (Dashboard: Reports), and make room or enlarge it. What '
          || 'runs is settled when that is over.'
        )
      )
    );
  end if;

  if v_has_many_dead then
    v_blocker := supajobs.find_vacuum_blocker();
  end if;

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

    due as (
      select due.job_type, extract(epoch from v_now - due.due_since) as seconds
      from supajobs.oldest_due_jobs() as due
      left join public.plan_job_types as type on due.job_type = type.job_type
      where (0 in (type.max_running, type.starts_per_minute)) is not true
    ),

    oldest as (
      select due.job_type, due.seconds from due
      order by due.seconds desc
      limit 1
    ),

    seen as (
      select processor.job_types from supajobs.processors as processor
      where processor.seen_at > v_now - interval '90 seconds'
    ),

    unknown as (
      select due.job_type, due.seconds
      from due
      where
        due.seconds > 60 -- what has the code may just be starting
        and exists (select from seen)
        and not exists (
          select from seen
          where seen.job_types is null or due.job_type = any(seen.job_types)
        )
    ),

    sweep as (
      select
        nullif(last.swept_at, '-infinity') as swept_at,
        last.swept_at < v_now - make_interval(secs => p_silent_seconds) as is_silent,
        last.swept_at < v_now - interval '1 minute'
        and not exists (
          select from supajobs.processors as processor
          where processor.seen_at > v_now - interval '90 seconds'
        ) as nobody_is_there,
        exists (select from oldest) as some_are_due
      from supajobs.sweeps as last
      where last.name = 'leases'
    ),

    late as (
      select
        schedule.id, schedule.name, schedule.job_type,
        count(*) over () as schedules,
        extract(epoch from v_now - schedule.next_run_at) as seconds
      from public.plan_job_schedules as schedule
      where
        schedule.paused_at is null
        and schedule.next_run_at < v_now - interval '2 minutes'
        and schedule.next_run_at < v_now - make_interval(secs => 2.0 * schedule.period_seconds)
      order by schedule.next_run_at
      limit 1
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
          || 'them back, or check the schedule (plan_trigger_health); if they are there, see the '
          || 'warnings in the log of Postgres.',
          running.expired
        ),
        running.expired, null, null
      from running
      where running.expired > 0
      union all
      select
        'nobody_claims',
        case when sweep.some_are_due then 'unhealthy' else 'degraded' end,
        format(
          'No processor has asked for jobs %s: start `supajobs work`, or check the schedule '
          || '(plan_trigger_health).',
          coalesce(
            'since ' || to_char(sweep.swept_at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS "UTC"'),
            'yet'
          )
        ),
        null, null, extract(epoch from v_now - sweep.swept_at)
      from sweep
      where sweep.is_silent
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
      union all
      select
        'no_handler', 'degraded',
        format(
          'Jobs of type "%1$s" are due, and no processor that was lately seen has code for them: '
          || 'name its module in JOB_MODULES, or start the program whose job types it is among.',
          unknown.job_type
        ),
        null, unknown.job_type, unknown.seconds
      from unknown
      union all
      select
        'dead_trigger',
        case
          when
            schedule.name = 'supajobs_process' and sweep.some_are_due and sweep.nobody_is_there
            then 'unhealthy'
          else 'degraded'
        end,
        format('The schedule %s does not do its work. %s', schedule.name, schedule.reason),
        null, null, null
      from json_to_recordset(v_schedules) as schedule (name text, is_alive boolean, reason text)
      cross join sweep
      where not schedule.is_alive
      union all
      select
        'late_schedules', 'degraded',
        format(
          'Of the recurring jobs, %s are late by two periods or more, "%s" (%s) for %s s: start '
          || '`supajobs work`, or check the trigger (plan_trigger_health); if they are well, look '
          || 'for schedule_unreadable in the log of the processors.',
          late.schedules, late.name, late.id, floor(late.seconds)
        ),
        null, late.job_type, late.seconds
      from late
      union all
      select
        'old_snapshot', 'degraded',
        format(
          'A %s (%s) keeps %s dead rows of plan_generation_jobs from being removed, and calls '
          || 'grow slower with them: %s',
          blocker.kind, blocker.name, v_dead,
          case blocker.kind
            when 'session' then format(
              'see what it does, and end it: select pid, state, query from pg_stat_activity where '
              || 'pid = %1$s; select pg_terminate_backend(%1$s);', blocker.pid
            )
            when 'prepared transaction' then format('rollback prepared %L;', blocker.name)
            else format(
              'if nobody needs it: select pg_drop_replication_slot(%L);', blocker.name
            )
          end
        ),
        null, null, extract(epoch from v_now - blocker.since)
      from json_to_record(v_blocker) as blocker (
        kind text, name text, pid integer, since timestamptz
      )
      where v_blocker is not null
      union all
      select
        'dead_tuples', 'degraded',
        format(
          'plan_generation_jobs has %s dead rows to %s live ones, and was last vacuumed %s: vacuum '
          || 'analyze public.plan_generation_jobs; and see why autovacuum does not (its settings, '
          || 'or locks on the table).',
          v_dead, v_live,
          coalesce(
            to_char(v_vacuumed_at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS "UTC"'), 'never'
          )
        ),
        null, null, extract(epoch from v_now - v_vacuumed_at)
      where
        v_has_many_dead
        and v_blocker is null
        and (v_vacuumed_at < v_now - interval '10 minutes') is not false
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

revoke all on function public.check_plan_queue from public, anon, authenticated;
grant execute on function public.check_plan_queue to service_role;
