-- Who works: each processor says every 30 seconds that it lives, also while it has nothing to do.
-- It takes itself off when it stops gently, so a row that is not renewed is of one that was killed,
-- froze, or lost its way to the database. After a day such a row goes, too.

create table supajobs.processors (
  worker_id text primary key,
  version text not null,
  concurrency integer not null,
  running integer not null,
  job_types text[],
  listens boolean not null default false,
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
comment on column supajobs.processors.listens is
'Whether it can be called by a broadcast (call_workers).';
comment on column supajobs.processors.seen_at is
'It lives if this is less than 90 seconds ago: three notes.';

-- In how many seconds the next job of a type may start, by its limits: 0 now; null not before one
-- of those that run has ended, whose worker asks then, or a limit is raised.
create function supajobs.foresee_start(p_job_type text) returns double precision
language plpgsql
volatile -- for the time
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_type public.plan_job_types;
  v_started bigint;
  v_first timestamptz;
begin
  select * into v_type from public.plan_job_types where job_type = p_job_type;
  if
    v_type.starts_per_minute = 0
    or v_type.max_running <= (
      select count(*) from public.plan_generation_jobs
      where status = 'processing' and job_type = p_job_type
    )
  then
    return null;
  end if;
  select sum(jobs), min(started_at) into v_started, v_first
  from supajobs.starts
  where job_type = p_job_type and started_at > v_now - interval '1 minute';
  return case
    when v_started >= v_type.starts_per_minute
      then extract(epoch from v_first + interval '1 minute' - v_now)
    else 0
  end;
end
$$;

-- What there is to do for processors with code for these job types (null: all): in how many seconds
-- they should ask for jobs, for schedules, and for messages to send. 0 or less: now. Null: nothing
-- waits.
--
-- As cheap as a claim that finds nothing: it looks at the head of each lane and at the limits of
-- its type, at what waits for its time first, and whether the housekeeping of claims is due, ten
-- seconds after the last one. Where many with the same code live, each asks a little later for what
-- is due in a while. Of the schedules that are due, it tells of the last: one that nobody can take
-- is to hide no other.
create function supajobs.foresee_work(
  p_job_types text[],
  out jobs_due_in double precision,
  out schedules_due_in double precision,
  out messages_due_in double precision
)
language plpgsql
volatile -- for its random number, and for the time
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_turn double precision;
begin
  if
    exists (select from supajobs.news where not is_stuck)
    or exists (
      select from supajobs.sweeps
      where name = 'leases' and swept_at < v_now - interval '10 seconds'
    )
  then
    jobs_due_in := 0;
  else
    jobs_due_in := least(
      (
        select min(supajobs.foresee_start(lane.job_type))
        from supajobs.lanes as lane
        where
          (p_job_types is null or lane.job_type = any(p_job_types))
          and exists (
            select from public.plan_generation_jobs as job
            where
              job.status = 'pending'
              and job.job_type = lane.job_type
              and job.priority = lane.priority
              and job.turn >= lane.floor
          )
      ),
      (
        select extract(epoch from min(job.run_at) - v_now)
        from public.plan_generation_jobs as job
        where job.status = 'pending' and job.turn is null and not job.is_held
      )
    );
  end if;
  schedules_due_in := coalesce(
    (
      select extract(epoch from max(schedule.next_run_at) - v_now)
      from public.plan_job_schedules as schedule
      where schedule.paused_at is null and schedule.next_run_at <= v_now
    ),
    (
      select extract(epoch from min(schedule.next_run_at) - v_now)
      from public.plan_job_schedules as schedule
      where schedule.paused_at is null and schedule.next_run_at > v_now
    )
  );

  if exists (select from supajobs.notifications as notification where addressed_at is null) then
    messages_due_in := 0;
  else
    messages_due_in := (
      select extract(epoch from min(next.run_at) - v_now)
      from (values ('expo'), ('web'), ('webhook')) as known (channel)
      cross join lateral (
        select delivery.run_at from supajobs.deliveries as delivery
        where delivery.channel = known.channel and delivery.run_at is not null
        order by delivery.run_at
        limit 1
      ) as next
    );
  end if;

  if greatest(jobs_due_in, schedules_due_in, messages_due_in) > 0 then
    v_turn := random() * (
      select greatest(0, count(*) - 1) / 5.0
      from supajobs.processors as processor
      where
        processor.seen_at > v_now - interval '90 seconds'
        and coalesce(processor.job_types && p_job_types, true)
    );
    jobs_due_in := jobs_due_in + case when jobs_due_in > 0 then v_turn else 0 end;
    schedules_due_in := schedules_due_in + case when schedules_due_in > 0 then v_turn else 0 end;
    messages_due_in := messages_due_in + case when messages_due_in > 0 then v_turn else 0 end;
  end if;
end
$$;

-- Notes that a processor lives, and tells it what there is to do: the one call that an idle one
-- makes. {outcome: noted, jobs_due_in, schedules_due_in, messages_due_in}, see foresee_work.
create function public.note_plan_processor(
  p_worker_id text,
  p_version text,
  p_concurrency integer,
  p_running integer,
  p_job_types text[] default null,
  p_listens boolean default false
) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  insert into supajobs.processors as processor (
    worker_id, version, concurrency, running, job_types, listens
  )
  values (p_worker_id, p_version, p_concurrency, p_running, p_job_types, p_listens)
  on conflict (worker_id) do update
  set
    version = excluded.version,
    concurrency = excluded.concurrency,
    running = excluded.running,
    job_types = excluded.job_types,
    listens = excluded.listens,
    seen_at = excluded.seen_at;

  -- Two processors never wait for each other over the rows of a third.
  delete from supajobs.processors
  where worker_id = any(array(
    select worker_id from supajobs.processors
    where seen_at < clock_timestamp() - interval '1 day'
    for update skip locked
  ));
  return (
    select
      json_build_object(
        'outcome', 'noted',
        'jobs_due_in', work.jobs_due_in,
        'schedules_due_in', work.schedules_due_in,
        'messages_due_in', work.messages_due_in
      )
    from supajobs.foresee_work(p_job_types) as work
  );
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
