-- Deletes notifications, and with them their deliveries, after three days: two after the last of
-- them was given up. The oldest first, at most p_max_rows at a time. Answers {"deleted": n}.

create function public.cleanup_plan_job_notifications(
  p_max_rows integer default 1000
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_deleted integer;
begin
  delete from public.plan_job_notifications
  where id = any(array(
    select old.id from public.plan_job_notifications as old
    where old.id in (
      select oldest.id
      from (
        -- Ids are in time order, so the oldest are found without an index on the time.
        select notification.id, notification.occurred_at
        from public.plan_job_notifications as notification
        order by notification.id
        limit p_max_rows
      ) as oldest
      where oldest.occurred_at < now() - interval '3 days'
    )
    for update skip locked
  ));
  get diagnostics v_deleted = row_count;
  return json_build_object('deleted', v_deleted);
end
$$;

revoke all on function public.cleanup_plan_job_notifications(integer)
from public, anon, authenticated;
grant execute on function public.cleanup_plan_job_notifications(integer) to service_role;

-- Replaces schedule_plan_job_processing: the cleanup cleans this, too. A project that has its
-- schedules gets this one when it calls the function again.
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
    'supajobs_cleanup',
    p_cleanup_schedule,
    'select public.cleanup_expired_plan_jobs(), public.cleanup_plan_job_notifications()'
  );
  return '{"outcome": "scheduled"}';
end
$$;
