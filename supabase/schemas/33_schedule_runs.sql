-- How the schedules' latest runs and calls went, where pg_cron and pg_net are there to tell.

-- After how many seconds a schedule of pg_cron runs again: '30 seconds', '* * * * *',
-- '*/5 * * * *', '17 * * * *', '0 */6 * * *', '0 3 * * *', '0 3 * * 1' and their names; null for
-- any other.
create function supajobs.schedule_seconds(p_schedule text) returns integer
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_schedule text := regexp_replace(lower(trim(p_schedule)), '\s+', ' ', 'g');
  v_step integer := substring(v_schedule from '(?:^|/)(\d{1,4})\M');
begin
  return case
    when v_schedule ~ '^\d{1,4} seconds?$' then v_step
    when v_schedule = '* * * * *' then 60
    when v_schedule ~ '^\*/\d{1,2} \* \* \* \*$' then 60 * v_step
    when v_schedule ~ '^(\d{1,2} \* \* \* \*|@hourly)$' then 3600
    when v_schedule ~ '^\d{1,2} \*/\d{1,2} \* \* \*$'
      then 3600 * substring(v_schedule from '/(\d+)')::integer
    when v_schedule ~ '^(\d{1,2} \d{1,2} \* \* \*|@daily|@midnight)$' then 86400
    when v_schedule ~ '^(\d{1,2} \d{1,2} \* \* [0-7a-z]+|@weekly)$' then 7 * 86400
  end;
end
$$;

-- The two schedules, and how their latest runs went, among the latest 1,000 of the project: `reach`
-- is the first of these where there are more.
create function supajobs.list_schedules()
returns table (
  name text,
  schedule text,
  active boolean,
  last_run_at timestamptz,
  last_run_status text,
  last_run_message text,
  keeps_failing boolean,
  reach timestamptz
)
language plpgsql
stable
set search_path = ''
as $$
begin
  if to_regclass('cron.job_run_details') is null then
    return;
  end if;
  return query
  with latest as (
    select details.* from cron.job_run_details as details
    order by details.runid desc
    limit 1000
  )

  select distinct on (job.jobname)
    job.jobname::text, -- a name in some versions of pg_cron
    job.schedule::text,
    job.active,
    run.started_at,
    run.statuses[1]::text,
    left(run.messages[1]::text, 500),
    coalesce('failed' = all(run.statuses[1:2]), false),
    (select case when count(*) = 1000 then min(latest.start_time) end from latest)
  from cron.job
  cross join lateral (
    select
      max(latest.start_time) as started_at,
      array_agg(latest.status order by latest.runid desc) as statuses,
      array_agg(latest.return_message order by latest.runid desc) as messages
    from latest
    where latest.jobid = job.jobid
  ) as run
  where
    job.jobname in ('supajobs_process', 'supajobs_cleanup')
    and job.database = current_database()
  order by job.jobname, job.active desc, job.jobid desc;
end
$$;

-- The last two calls of the trigger that are over: answered, or long enough ago.
create function supajobs.list_trigger_calls()
returns table (
  called_at timestamptz,
  answered_at timestamptz,
  status_code integer,
  error text,
  timed_out boolean
)
language plpgsql
stable
set search_path = ''
as $$
begin
  if to_regclass('net._http_response') is null then
    return;
  end if;
  return query
  select
    call.called_at,
    answer.created,
    answer.status_code,
    coalesce(answer.error_msg, case when answer.timed_out then 'timeout' end)::text,
    answer.timed_out
  from (
    select latest.request_id, latest.called_at
    from supajobs.trigger_calls as latest
    order by latest.called_at desc
    limit 10
  ) as call
  -- The answers of all calls of the project are in one table, without an index on their id.
  left join lateral (
    select response.* from net._http_response as response
    where
      response.created > call.called_at - interval '1 second'
      and response.created < call.called_at + interval '10 minutes'
      and response.id = call.request_id
    limit 1
  ) as answer on true
  where
    answer.id is not null
    or (
      -- pg_net waits for five seconds, perhaps after five others
      call.called_at < clock_timestamp() - interval '15 seconds'
      -- pg_net forgets its answers
      and call.called_at > clock_timestamp() - coalesce(
        nullif(current_setting('pg_net.ttl', true), '')::interval, interval '6 hours'
      )
    )
  order by call.called_at desc
  limit 2;
end
$$;
