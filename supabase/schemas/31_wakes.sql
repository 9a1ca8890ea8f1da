-- Starting new jobs at once, where they are requested past the API: from SQL, an Edge Function or
-- another service. Off until start_plan_job_wakes is called; before that, an enqueue pays nothing.
--
-- A request of a job that is due has pg_net call the processor after its commit, at most once a
-- second for the whole project. The processor looks again a little later, for what came within that
-- second. Only a wake that is committed counts for that, as only that one has gone out: a
-- transaction that takes long, or is rolled back, keeps no other request from its own. Where a wake
-- is lost all the same, the schedule starts the job: wakes do not replace it.

create table supajobs.wake (
  slot integer generated always as identity primary key,
  woken_at timestamptz not null default '-infinity'
);
comment on table supajobs.wake is
'When new jobs last woke a processor: a row for each transaction that did so at the same time.';
insert into supajobs.wake default values;

create function supajobs.wake_processor() returns trigger
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

  if exists (
    select from supajobs.wake where woken_at >= clock_timestamp() - interval '1 second'
  ) then
    return null;
  end if;
  -- Whoever finds all rows taken makes another: no request waits for another.
  update supajobs.wake set woken_at = clock_timestamp()
  where slot = (select slot from supajobs.wake limit 1 for update skip locked);
  if not found then
    insert into supajobs.wake (woken_at) values (clock_timestamp());
  end if;
  perform supajobs.call_processor();
  return null;
exception when others then
  raise warning 'supajobs: a new job did not wake a processor: %', sqlerrm;
  return null;
end
$$;

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
  execute function supajobs.wake_processor();
  return '{"outcome": "started"}';
end
$$;

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

revoke all on function
public.start_plan_job_wakes,
public.stop_plan_job_wakes
from public, anon, authenticated, service_role;
