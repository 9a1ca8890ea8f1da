-- Starting new jobs at once, where they are requested past the API: from SQL, an Edge Function or
-- another service. Off until start_plan_job_wakes is called; before that, an enqueue pays nothing.
--
-- A request of a job that is due has pg_net call the processor after its commit, at most once a
-- second for the whole project. The processor looks again a little later, for what came within that
-- second. Where a wake is lost all the same (the transaction that was to bring it takes long or is
-- rolled back), the schedule starts the job: wakes do not replace it.

create table public.plan_queue_wake (
  singleton boolean primary key default true,
  woken_at timestamptz not null default '-infinity',

  constraint plan_queue_wake_one_row check (singleton)
);
comment on table public.plan_queue_wake is 'When a new job last woke a processor. One row.';
insert into public.plan_queue_wake default values;
alter table public.plan_queue_wake enable row level security;
create policy plan_queue_wake_closed_to_clients on public.plan_queue_wake
for all to anon, authenticated using (false);
revoke all on table public.plan_queue_wake from public, anon, authenticated, service_role;
grant select on table public.plan_queue_wake to service_role;

create function public.wake_plan_processor() returns trigger
language plpgsql
volatile
security definer -- for the address and the secret, whoever requests the job
set search_path = ''
as $$
begin
  if not exists (
    select from requested as job where job.status = 'pending' and job.run_at <= now()
  ) then
    return null;
  end if;

  -- Whoever finds the row taken leaves the wake to its holder: no request waits for another.
  perform from public.plan_queue_wake
  where woken_at < clock_timestamp() - interval '1 second'
  for update skip locked;
  if found then
    update public.plan_queue_wake set woken_at = clock_timestamp() where singleton;
    perform public.call_plan_processor();
  end if;
  return null;
exception when others then
  raise warning 'supajobs: a new job did not wake a processor: %', sqlerrm;
  return null;
end
$$;
revoke all on function public.wake_plan_processor() from public, anon, authenticated;
grant execute on function public.wake_plan_processor() to service_role;

-- Starts the wakes. Outcomes: started | unavailable (without pg_net and Vault).
create function public.start_plan_job_wakes() returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  if to_regnamespace('net') is null or to_regclass('vault.decrypted_secrets') is null then
    raise notice 'supajobs: pg_net and Vault are needed to wake a processor';
    return '{"outcome": "unavailable"}';
  end if;

  create or replace trigger plan_generation_jobs_wake
  after insert on public.plan_generation_jobs
  referencing new table as requested
  for each statement
  execute function public.wake_plan_processor();
  return '{"outcome": "started"}';
end
$$;
revoke all on function public.start_plan_job_wakes()
from public, anon, authenticated, service_role;

-- Stops them. Outcome: stopped.
create function public.stop_plan_job_wakes() returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  drop trigger if exists plan_generation_jobs_wake on public.plan_generation_jobs;
  return '{"outcome": "stopped"}';
end
$$;
revoke all on function public.stop_plan_job_wakes()
from public, anon, authenticated, service_role;
