-- What starts jobs from within the database: two schedules of pg_cron, one that calls the processor
-- over pg_net and one that cleans up. What there must be on record to tell whether they do their
-- work is kept here: when they were made, for cron.job does not say it; and which of pg_net's
-- answers are those of the processor.

create table supajobs.trigger_schedules (
  name text primary key,
  scheduled_at timestamptz not null
);
comment on table supajobs.trigger_schedules is 'When each schedule was made or last changed.';

create table supajobs.trigger_calls (
  request_id bigint primary key,
  called_at timestamptz not null
);
comment on table supajobs.trigger_calls is
'The last 20 calls of the schedule, by the ids that they have in pg_net.';

-- Calls the processor once; answers the id of the request. Its answer, 202, will be in
-- net._http_response.
create function supajobs.call_processor() returns bigint
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_url text;
  v_secret text;
begin
  select decrypted_secret into v_url
  from vault.decrypted_secrets where name = 'supajobs_process_url';
  select decrypted_secret into v_secret
  from vault.decrypted_secrets where name = 'supajobs_cron_secret';
  if v_url is null or v_secret is null then
    raise exception 'The Vault secrets supajobs_process_url and supajobs_cron_secret are not set.'
    using hint = 'select vault.create_secret(''https://…/v1/queue/process'', ''supajobs_process_url'')';
  end if;

  return net.http_post(
    url := v_url,
    body := '{}',
    headers := jsonb_build_object(
      'Content-Type', 'application/json', 'Authorization', 'Bearer ' || v_secret
    ),
    timeout_milliseconds := 5000
  );
end
$$;

-- What the schedule runs: calls the processor, and remembers the call.
create function supajobs.trigger_processing() returns bigint
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_request_id bigint := supajobs.call_processor();
begin
  -- An extension that was made anew counts its requests anew.
  insert into supajobs.trigger_calls (request_id, called_at)
  values (v_request_id, clock_timestamp())
  on conflict (request_id) do update set called_at = excluded.called_at;

  delete from supajobs.trigger_calls
  where request_id = any(array(
    select request_id from supajobs.trigger_calls
    order by called_at desc
    offset 20
    for update skip locked
  ));
  return v_request_id;
end
$$;

-- Registers the two schedules, or changes them, and notes when. Outcomes: scheduled | unavailable.
create function public.schedule_plan_job_processing(
  p_schedule text default '30 seconds', p_cleanup_schedule text default '* * * * *'
) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
begin
  if
    to_regnamespace('cron') is null
    or to_regnamespace('net') is null
    or to_regclass('vault.decrypted_secrets') is null
  then
    raise notice 'supajobs: pg_cron, pg_net and Vault are needed to schedule the processing';
    return '{"outcome": "unavailable"}';
  end if;

  perform cron.schedule(
    'supajobs_process', p_schedule, 'select supajobs.trigger_processing()'
  );
  perform cron.schedule(
    'supajobs_cleanup',
    p_cleanup_schedule,
    'select public.cleanup_expired_plan_jobs(), supajobs.cleanup_notifications()'
  );
  insert into supajobs.trigger_schedules (name, scheduled_at)
  values ('supajobs_process', clock_timestamp()), ('supajobs_cleanup', clock_timestamp())
  on conflict (name) do update set scheduled_at = excluded.scheduled_at;
  return '{"outcome": "scheduled"}';
end
$$;

-- The last steps of an installation in one call, for `supajobs setup`: writes the processor's
-- address and secret into Vault, where they are not yet there, and registers the schedules.
-- Outcomes: scheduled | unavailable.
create function public.set_up_plan_job_processing(
  p_process_url text, p_cron_secret text, p_schedule text default '30 seconds'
) returns json
language plpgsql
volatile
-- Vault's functions and pg_cron's are not for service_role, and the schedules run as whoever
-- registers them. See docs/decisions/0010.
security definer
set search_path = ''
as $$
declare
  v_secret record;
  v_known record;
begin
  if (p_process_url ~ '^https?://[^\s/]' and length(p_cron_secret) >= 16) is not true then
    raise sqlstate 'PT422' using
      message = 'The processor has an address, https://…, and a secret of at least 16 characters.',
      detail = 'invalid_processor';
  end if;

  if to_regclass('vault.decrypted_secrets') is not null then
    for v_secret in
      select *
      from (
        values
        ('supajobs_process_url', p_process_url), ('supajobs_cron_secret', p_cron_secret)
      ) as wanted (name, value)
    loop
      select id, decrypted_secret into v_known
      from vault.decrypted_secrets where name = v_secret.name;
      if v_known.id is null then
        perform vault.create_secret(v_secret.value, v_secret.name);
      elsif v_known.decrypted_secret is distinct from v_secret.value then
        perform vault.update_secret(v_known.id, v_secret.value);
      end if;
    end loop;
  end if;

  return public.schedule_plan_job_processing(p_schedule);
end
$$;

-- The schedules belong to the owner of the database.
revoke all on function
supajobs.call_processor,
supajobs.trigger_processing,
public.schedule_plan_job_processing,
public.set_up_plan_job_processing
from public, anon, authenticated, service_role;
grant execute on function public.set_up_plan_job_processing to service_role;
