-- Telling workers of new jobs, where the project has Realtime: those that are always on look seldom
-- while nothing comes. Off until start_plan_worker_calls is called; before that, an enqueue pays
-- nothing.
--
-- A request of a job that is due is a private broadcast to the topic supajobs:workers, event jobs,
-- with {worker_ids}: of those that listen, have a place free and have code for it, as many as the
-- jobs need, and three at least; not all of a fleet are to ask for one job. At most once a second
-- for each job type; who is called looks again a little later, for what came within that second.
-- Where a call is lost, the next look of any worker finds the job.

create table supajobs.worker_calls (
  slot integer generated always as identity primary key,
  job_type text not null,
  called_at timestamptz not null
);
create index worker_calls_by_type on supajobs.worker_calls (job_type);
comment on table supajobs.worker_calls is
'When workers were last called for jobs of a type: a row for each transaction that did so at the '
'same time.';

create function supajobs.call_workers() returns trigger
language plpgsql
volatile
security definer -- for the rights on Realtime's tables, whoever requests the job
set search_path = ''
set lock_timeout = '100ms' -- no request waits for who changes Realtime's tables
as $$
declare
  v_job_type text;
  v_jobs bigint;
  v_worker_ids text[] := '{}';
begin
  for v_job_type, v_jobs in
    select job.job_type, count(*)
    from requested as job
    where job.status = 'pending' and job.run_at <= now()
    group by job.job_type
  loop
    continue when exists (
      select from supajobs.worker_calls
      where job_type = v_job_type and called_at >= clock_timestamp() - interval '1 second'
    );
    -- Whoever finds all rows taken makes another: no request waits for another.
    update supajobs.worker_calls set called_at = clock_timestamp()
    where slot = (
      select slot from supajobs.worker_calls where job_type = v_job_type
      limit 1
      for update skip locked
    );
    if not found then
      insert into supajobs.worker_calls (job_type, called_at)
      values (v_job_type, clock_timestamp());
    end if;
    v_worker_ids := v_worker_ids || array(
      select called.worker_id
      from (
        select
          free.worker_id,
          row_number() over in_turn as number,
          sum(free.places) over in_turn - free.places as places_before
        from (
          select
            processor.worker_id,
            -- Not by what it has said: that may be from before it took its last ones.
            processor.concurrency - coalesce(busy.jobs, 0) as places
          from supajobs.processors as processor
          left join (
            select job.worker_id, count(*) as jobs
            from public.plan_generation_jobs as job
            where job.status = 'processing'
            group by job.worker_id
          ) as busy on processor.worker_id = busy.worker_id
          where
            processor.listens
            and processor.seen_at > clock_timestamp() - interval '90 seconds'
            and (processor.job_types is null or v_job_type = any(processor.job_types))
        ) as free
        where free.places > 0
        window in_turn as (order by random())
      ) as called
      where called.number <= 3 or called.places_before < v_jobs
    );
  end loop;
  if v_worker_ids <> '{}' then
    perform realtime.send(
      jsonb_build_object('worker_ids', v_worker_ids), 'jobs', 'supajobs:workers', true
    );
  end if;
  return null;
exception when others then
  raise warning 'supajobs: a new job did not call a worker: %', sqlerrm;
  return null;
end
$$;

-- Starts the calls, if Realtime is there. Nobody but the service hears or sends them, whatever
-- other policies let users do. Outcomes: started | unavailable.
create function public.start_plan_worker_calls() returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  if not supajobs.has_realtime() then
    raise notice 'supajobs: Realtime is not available here; workers are not called';
    return '{"outcome": "unavailable"}';
  end if;

  if not exists (
    select from pg_catalog.pg_policies
    where
      schemaname = 'realtime'
      and tablename = 'messages'
      and policyname = 'plan_worker_calls_are_for_the_service'
  ) then
    create policy plan_worker_calls_are_for_the_service
    on realtime.messages as restrictive to anon, authenticated
    using ((select realtime.topic()) is distinct from 'supajobs:workers');
  end if;

  create or replace trigger plan_generation_jobs_call_workers
  after insert on public.plan_generation_jobs
  referencing new table as requested
  for each statement
  execute function supajobs.call_workers();
  return '{"outcome": "started"}';
end
$$;

-- Stops them. Outcome: stopped.
create function public.stop_plan_worker_calls() returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  drop trigger if exists plan_generation_jobs_call_workers on public.plan_generation_jobs;
  return '{"outcome": "stopped"}';
end
$$;

revoke all on function
public.start_plan_worker_calls,
public.stop_plan_worker_calls
from public, anon, authenticated, service_role;
