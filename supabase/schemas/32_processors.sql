-- Who works: each processor says every 30 seconds that it lives, also while it has nothing to do.
-- It takes itself off when it stops gently, so a row that is not renewed is of one that was killed,
-- froze, or lost its way to the database. After a day such a row goes, too.

create table supajobs.processors (
  worker_id text primary key,
  version text not null,
  concurrency integer not null,
  running integer not null,
  job_types text[],
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp()
)
-- Room for the next version of each row: no index holds what a note changes.
with (fillfactor = 50);
comment on table supajobs.processors is
'The processors that live, or were seen less than a day ago.';
comment on column supajobs.processors.concurrency is
'How many jobs it runs at the same time.';
comment on column supajobs.processors.running is
'How many ran when it was last seen.';
comment on column supajobs.processors.job_types is
'Those that it has code for; null of one that does not say so.';
comment on column supajobs.processors.seen_at is
'It lives if this is less than 90 seconds ago: three notes.';

-- Notes that a processor lives. Outcome: noted.
create function public.note_plan_processor(
  p_worker_id text,
  p_version text,
  p_concurrency integer,
  p_running integer,
  p_job_types text[] default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  insert into supajobs.processors as processor (
    worker_id, version, concurrency, running, job_types
  )
  values (p_worker_id, p_version, p_concurrency, p_running, p_job_types)
  on conflict (worker_id) do update
  set
    version = excluded.version,
    concurrency = excluded.concurrency,
    running = excluded.running,
    job_types = excluded.job_types,
    seen_at = excluded.seen_at;

  -- Two processors never wait for each other over the rows of a third.
  delete from supajobs.processors
  where worker_id = any(array(
    select worker_id from supajobs.processors
    where seen_at < clock_timestamp() - interval '1 day'
    for update skip locked
  ));
  return '{"outcome": "noted"}';
end
$$;

-- Takes a processor off that stops. Outcome: forgotten.
create function public.forget_plan_processor(p_worker_id text) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  delete from supajobs.processors where worker_id = p_worker_id;
  return '{"outcome": "forgotten"}';
end
$$;

revoke all on function
public.note_plan_processor,
public.forget_plan_processor
from public, anon, authenticated;
grant execute on function
public.note_plan_processor,
public.forget_plan_processor
to service_role;
