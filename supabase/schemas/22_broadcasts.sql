-- Where the project has Realtime, its users hear of their jobs as they go: each change of status
-- or progress is a private broadcast to the topic user:<user id>, event `job`, with {id, job_type,
-- status, progress, plan_id, updated_at}. With supabase-js:
--
--   supabase.channel(`user:${user.id}`, { config: { private: true } })
--     .on('broadcast', { event: 'job' }, ({ payload }) => …)
--     .subscribe()

create function supajobs.broadcast_job() returns trigger
language plpgsql
volatile
security definer -- for the rights on Realtime's tables, whoever changes the job
set search_path = ''
as $$
begin
  if new.user_id is null then
    return null;
  end if;
  perform realtime.send(
    jsonb_build_object(
      'id', new.id,
      'job_type', new.job_type,
      'status', new.status,
      'progress', new.progress,
      'plan_id', new.plan_id,
      'updated_at', new.updated_at
    ),
    'job',
    'user:' || new.user_id,
    true
  );
  return null;
exception when others then
  raise warning 'supajobs: a job was not broadcast: %', sqlerrm;
  return null;
end
$$;

create function supajobs.has_realtime() returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return num_nulls(
    to_regprocedure('realtime.send(jsonb, text, text, boolean)'),
    to_regprocedure('realtime.topic()'),
    to_regclass('realtime.messages')
  ) = 0;
end
$$;

-- Starts the broadcasts, if Realtime is there. Where it came later, call it again. To stop them:
-- drop trigger plan_generation_jobs_broadcast on public.plan_generation_jobs.
-- Outcomes: started | unavailable.
create function public.start_plan_job_broadcasts() returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  if not supajobs.has_realtime() then
    raise notice 'supajobs: Realtime is not available here; jobs are not broadcast';
    return '{"outcome": "unavailable"}';
  end if;

  if not exists (
    select from pg_catalog.pg_policies
    where
      schemaname = 'realtime'
      and tablename = 'messages'
      and policyname = 'plan_jobs_are_heard_by_their_user'
  ) then
    create policy plan_jobs_are_heard_by_their_user
    on realtime.messages for select to authenticated
    using (
      extension = 'broadcast'
      and (select realtime.topic()) = 'user:' || (select auth.uid())
    );
  end if;

  create or replace trigger plan_generation_jobs_broadcast
  after update of status, progress on public.plan_generation_jobs
  for each row
  when (old.status <> new.status or old.progress is distinct from new.progress)
  execute function supajobs.broadcast_job();
  return '{"outcome": "started"}';
end
$$;

select public.start_plan_job_broadcasts();

revoke all on function public.start_plan_job_broadcasts
from public, anon, authenticated, service_role;
