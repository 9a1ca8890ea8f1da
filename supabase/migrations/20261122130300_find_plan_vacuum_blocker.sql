-- Who keeps the dead rows of the queue from being removed: {kind: session | prepared transaction |
-- replication slot, name, pid?, since?}, the oldest one; null for nobody. Sessions and prepared
-- transactions count from p_min_age on; an unused slot, whose age Postgres does not tell, from
-- 10,000 transactions on.
create function public.find_plan_vacuum_blocker(
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

revoke all on function public.find_plan_vacuum_blocker(interval)
from public, anon, authenticated;
grant execute on function public.find_plan_vacuum_blocker(interval) to service_role;
