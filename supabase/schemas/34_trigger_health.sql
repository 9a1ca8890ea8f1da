-- Whether the schedules do their work, and who else starts jobs.

-- {extensions: {pg_cron, pg_net, supabase_vault}, secrets: {supajobs_process_url,
-- supajobs_cron_secret}, process_url, schedules: [{name, schedule, period_seconds, active,
-- last_run_at, last_run_status, last_run_message, last_answer_at, last_answer_status,
-- last_answer_error, is_alive, reason}], processors: [{worker_id, version, concurrency, running,
-- started_at, seen_at, is_alive}]}
--
-- A schedule that was never made is not in the array. One is dead, and `reason` says what to do,
-- when it is switched off; when Vault lacks its secrets; when it has not started for three of its
-- periods (of days, where schedule_seconds cannot tell) since it was made; when its last two
-- runs have failed; or when neither of the last two calls that are over was answered with 2xx. So
-- one call that goes wrong, as while a server restarts, says nothing; and a trigger that dies is
-- seen within three periods.
--
-- Reads the latest 1,000 runs of all schedules of the project; of one that runs so rarely that it
-- is not among them nothing bad is said. processors: at most 100, the last seen first.
create function public.describe_plan_triggers() returns json
language plpgsql
stable
-- pg_cron shows its jobs and runs to their owner alone, and Vault its secrets. Of these it tells
-- what is above, to whoever may execute it: the service.
security definer
set search_path = ''
set enable_seqscan = off
set jit = off -- which takes longer to compile this than it runs
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_has_cron boolean := to_regclass('cron.job_run_details') is not null;
  v_has_net boolean := to_regclass('net._http_response') is not null;
  v_has_vault boolean := to_regclass('vault.decrypted_secrets') is not null;
  v_process_url text;
  v_has_cron_secret boolean := false;
begin
  if v_has_vault then
    begin
      select
        max(secret.decrypted_secret) filter (where secret.name = 'supajobs_process_url'),
        coalesce(bool_or(secret.name = 'supajobs_cron_secret'), false)
      into v_process_url, v_has_cron_secret
      from vault.decrypted_secrets as secret
      where
        secret.name in ('supajobs_process_url', 'supajobs_cron_secret')
        and secret.decrypted_secret is not null;
    exception when others then
      null; -- of another project's key: to the trigger, too, they are not there
    end;
  end if;

  return (
    with judged as (
      select
        job.*,
        supajobs.schedule_seconds(job.schedule) as period_seconds,
        call.answered_at,
        call.status_code,
        call.error,
        case
          when not job.active then format(
            'It is switched off: select cron.alter_job(jobid, active := true) from cron.job where '
            || 'jobname = %L;', job.name
          )
          when
            greatest(job.last_run_at, job.reach, made.scheduled_at, '-infinity')
            < v_now - make_interval(
              secs => 3 * coalesce(supajobs.schedule_seconds(job.schedule), 86400) + 5
            )
            then format(
              'pg_cron has not run it %s: see cron.job_run_details; if nothing else runs either, '
              || 'restart the project.',
              coalesce(
                'since '
                || to_char(job.last_run_at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS "UTC"'),
                'yet'
              )
            )
          when job.name = 'supajobs_process' and (v_process_url is null or not v_has_cron_secret)
            then 'Vault lacks its secrets: select vault.create_secret(''https://…/v1/queue/process'', '
            || '''supajobs_process_url''), vault.create_secret(''<CRON_SECRET of the API>'', '
            || '''supajobs_cron_secret'');'
          when job.keeps_failing then format('It fails: %s', split_part(job.last_run_message, e'\n', 1))
          when job.name <> 'supajobs_process' or call.is_bad is not true then null
          when call.answered_at is null
            then 'pg_net has not made its last calls: select net.worker_restart();'
          when call.status_code in (401, 403) then format(
            'The processor refuses its secret (%s): CRON_SECRET of the API is not the Vault '
            || 'secret supajobs_cron_secret.', call.status_code
          )
          when call.status_code between 300 and 499 then format(
            'There is no processor at its address (%s): the Vault secret supajobs_process_url is '
            || 'https://<your api>/v1/queue/process.', call.status_code
          )
          when call.status_code is not null then format(
            'The processor''s server fails (%s): see the log of the API, and whether it has a '
            || 'CRON_SECRET.', call.status_code
          )
          when call.timed_out
            then 'The processor did not answer within 5 seconds: see whether the API is '
            || 'overloaded, and the Vault secret supajobs_process_url its address.'
          else format(
            'The processor cannot be reached (%s): see whether the API runs, and the Vault secret '
            || 'supajobs_process_url is its address.', call.error
          )
        end as reason
      from supajobs.list_schedules() as job
      left join supajobs.trigger_schedules as made on job.name = made.name
      left join (
        select
          each.*,
          bool_and(each.status_code between 200 and 299 is not true) over () as is_bad
        from supajobs.list_trigger_calls() as each
        order by each.called_at desc
        limit 1
      ) as call on job.name = 'supajobs_process'
    )

    select
      json_build_object(
        'extensions', json_build_object(
          'pg_cron', v_has_cron, 'pg_net', v_has_net, 'supabase_vault', v_has_vault
        ),
        'secrets', json_build_object(
          'supajobs_process_url', v_process_url is not null,
          'supajobs_cron_secret', v_has_cron_secret
        ),
        'process_url', v_process_url,
        'schedules', (
          select
            coalesce(
              json_agg(
                json_build_object(
                  'name', judged.name,
                  'schedule', judged.schedule,
                  'period_seconds', judged.period_seconds,
                  'active', judged.active,
                  'last_run_at', judged.last_run_at,
                  'last_run_status', judged.last_run_status,
                  'last_run_message', judged.last_run_message,
                  'last_answer_at', judged.answered_at,
                  'last_answer_status', judged.status_code,
                  'last_answer_error', judged.error,
                  'is_alive', judged.reason is null,
                  'reason', judged.reason
                ) order by judged.name desc
              ),
              '[]'
            )
          from judged
        ),
        'processors', (
          select coalesce(json_agg(row_to_json(processor)), '[]')
          from (
            select
              each.worker_id,
              each.version,
              each.concurrency,
              each.running,
              each.started_at,
              each.seen_at,
              each.seen_at > v_now - interval '90 seconds' as is_alive
            from supajobs.processors as each
            order by each.seen_at desc
            limit 100
          ) as processor
        )
      )
  );
end
$$;

-- The same for the eye: one row for each schedule that there should be.
create view public.plan_trigger_health with (security_invoker = true) as
select
  wanted.name,
  schedule.schedule,
  schedule.last_run_at,
  schedule.last_run_status,
  schedule.last_run_message,
  schedule.last_answer_at,
  schedule.last_answer_status,
  schedule.last_answer_error,
  coalesce(schedule.is_alive, false) as is_alive,
  case
    when schedule.name is not null then schedule.reason
    else 'It was never made: select public.schedule_plan_job_processing();'
  end as reason
from (values ('supajobs_process'), ('supajobs_cleanup')) as wanted (name)
left join json_to_recordset(public.describe_plan_triggers() -> 'schedules') as schedule (
  name text,
  schedule text,
  last_run_at timestamptz,
  last_run_status text,
  last_run_message text,
  last_answer_at timestamptz,
  last_answer_status integer,
  last_answer_error text,
  is_alive boolean,
  reason text
) on wanted.name = schedule.name;
comment on view public.plan_trigger_health is
'Whether the schedules start and clean up jobs, and if not, what to do about it.';
revoke all on table public.plan_trigger_health from public, anon, authenticated, service_role;
grant select on table public.plan_trigger_health to service_role;

revoke all on function public.describe_plan_triggers from public, anon, authenticated;
grant execute on function public.describe_plan_triggers to service_role;
