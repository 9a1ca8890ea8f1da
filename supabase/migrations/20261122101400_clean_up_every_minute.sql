-- Replaces schedule_plan_job_processing: the cleanup runs every minute unless told otherwise. At
-- most 1,000 jobs an hour, as before, was less than a busy project finishes. A project that has
-- its schedules gets this one when it calls the function again.

create or replace function public.schedule_plan_job_processing(
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
    'supajobs_process', p_schedule, 'select public.trigger_plan_job_processing()'
  );
  perform cron.schedule(
    'supajobs_cleanup', p_cleanup_schedule, 'select public.cleanup_expired_plan_jobs()'
  );
  return '{"outcome": "scheduled"}';
end
$$;
