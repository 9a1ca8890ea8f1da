-- The clock of the queue: pg_cron asks pg_net to call the processor's endpoint, whose address and
-- secret lie in Vault. Each of the three is used where the project has it.

do $$
declare
  v_extension record;
begin
  for v_extension in
    select wanted.name, wanted.place, available.name is not null as is_available
    from (
      values ('pg_cron', ''), ('pg_net', ' schema extensions'), ('supabase_vault', '')
    ) as wanted (name, place)
    left join pg_available_extensions as available on wanted.name = available.name
  loop
    if v_extension.is_available then
      execute format('create extension if not exists %I', v_extension.name) || v_extension.place;
    else
      raise notice 'supajobs: % is not available here; schedules need it', v_extension.name;
    end if;
  end loop;
end
$$;

-- Calls the processor once. The answer (202) appears in net._http_response.
create function public.trigger_plan_job_processing() returns bigint
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

-- Registers the two schedules, or changes them. Outcomes: scheduled | unavailable.
create function public.schedule_plan_job_processing(
  p_schedule text default '30 seconds', p_cleanup_schedule text default '17 * * * *'
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
    'supajobs_process', p_schedule, 'select public.trigger_plan_job_processing()'
  );
  perform cron.schedule(
    'supajobs_cleanup', p_cleanup_schedule, 'select public.cleanup_expired_plan_jobs()'
  );
  return '{"outcome": "scheduled"}';
end
$$;

-- For the owner of the database alone: the SQL editor and pg_cron.
revoke all on function public.trigger_plan_job_processing()
from public, anon, authenticated, service_role;
revoke all on function public.schedule_plan_job_processing(text, text)
from public, anon, authenticated, service_role;
