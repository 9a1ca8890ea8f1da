-- Housekeeping, which runs inside claims: takes jobs away from workers that went silent, moves the
-- floors of the lanes up, and forgets old starts. It never makes a claim wait, and never fails one:
-- what it cannot take back stays as it is, and check_plan_queue tells of it.
--
-- A table without an index on lease_expires_at is swept by reading all that runs, so each of the
-- two rests the longer the longer it took (while somebody holds an old snapshot it must read all
-- that has run since), a thousand times as long: at most once a second for the whole fleet, at
-- least once in ten. Where more leases are lost than one sweep takes, the next claim goes on.

create table supajobs.sweeps (
  name text primary key,
  swept_at timestamptz not null default '-infinity',
  pause interval not null default '1 second',
  stuck uuid[] not null default '{}',

  constraint sweeps_name_known check (name in ('leases', 'lanes'))
);
comment on table supajobs.sweeps is 'When each was last done, and how long it rests since.';
comment on column supajobs.sweeps.stuck is
'Jobs that could not be taken back, and are left alone until all others are.';
insert into supajobs.sweeps (name) values ('leases'), ('lanes');

-- Takes jobs from their workers. Each runs again at once, unless its cancellation was asked for or
-- it has lost its last lease; its attempt gets the usage of the steps that were saved in it, as
-- what it had spent since the last of them nobody knows.
create function supajobs.take_back_jobs(p_job_ids uuid[], p_now timestamptz) returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_ended supajobs.ended_attempt[];
begin
  with lost as (
    select
      job.id,
      case
        when job.cancel_requested_at is not null then 'cancelled'
        when job.crash_count + 1 < job.max_crashes then 'pending'
        else 'failed'
      end as next_status
    from public.plan_generation_jobs as job
    where job.id = any(p_job_ids)
  ),

  swept as (
    update public.plan_generation_jobs as job
    set
      status = lost.next_status,
      crash_count = job.crash_count + 1,
      lease_expires_at = null,
      lease_lost_at = p_now,
      progress = null,
      error = case lost.next_status
        when 'failed' then jsonb_build_object(
          'code', 'worker_lost',
          'message', 'The job was stopped: its workers went silent too many times.'
        )
        else job.error
      end,
      completed_at = case when lost.next_status <> 'pending' then p_now end,
      expires_at = case
        when lost.next_status <> 'pending' then p_now + make_interval(hours => job.ttl_hours)
      end,
      updated_at = p_now
    from lost
    where job.id = lost.id
    returning job.*
  )

  select
    array_agg(
      (
        swept.id, swept.claim_id, swept.user_id, swept.job_type, swept.worker_id,
        case swept.status when 'cancelled' then 'cancelled' else 'crashed' end, null,
        swept.started_at, p_now, null,
        case
          when swept.has_steps
            then supajobs.sum_steps(swept.id, swept.claim_id, swept.started_at)
        end,
        swept.has_provider_key, null
      )::supajobs.ended_attempt
    ) into v_ended
  from swept;
  perform supajobs.record_attempts(v_ended);
end
$$;

-- Takes up to p_max_rows jobs back whose lease is over; answers their number.
create function supajobs.sweep_leases(p_max_rows integer) returns integer
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_lost uuid[];
  v_job_id uuid;
  v_known uuid[];
  v_stuck uuid[] := '{}';
begin
  -- Whoever finds the row taken leaves the sweep to its holder: no claim waits for it.
  select stuck into v_known from supajobs.sweeps
  where name = 'leases' and swept_at < v_now - pause
  for update skip locked;
  if not found then
    return 0;
  end if;

  v_lost := array(
    select job.id from public.plan_generation_jobs as job
    where
      job.status = 'processing'
      and job.lease_expires_at < v_now
      and job.id <> all(v_known)
      -- What its steps have cost goes into the ledger. Of a user who is being deleted, nothing.
      and (not job.has_steps or supajobs.try_lock_user(job.user_id))
    limit p_max_rows
    for update skip locked
  );
  if v_lost <> '{}' then
    begin
      perform supajobs.take_back_jobs(v_lost, v_now);
    exception when others then
      -- One of them cannot be taken back: it alone stays.
      foreach v_job_id in array v_lost loop
        begin
          perform supajobs.take_back_jobs(array[v_job_id], v_now);
        exception when others then
          v_stuck := v_stuck || v_job_id;
          raise warning 'supajobs: job % cannot be taken back: %', v_job_id, sqlerrm;
        end;
      end loop;
    end;
  end if;

  update supajobs.sweeps
  set
    swept_at = v_now,
    pause = case
      -- There may be more of them.
      when cardinality(v_lost) = p_max_rows then '0 s'
      else least('10 s', greatest('1 s', 1000 * (clock_timestamp() - v_now)))
    end,
    stuck = case when cardinality(v_lost) = p_max_rows then v_known || v_stuck else '{}' end
  where name = 'leases';
  return cardinality(v_lost) - cardinality(v_stuck);
end
$$;

-- Lets no claim pass over a job that is on its way: moves the entry of a lane, where new jobs come
-- in, to the first job that it sees, and the floor, where claims begin to look, only to where the
-- entry was already. What still comes in below has been on its way since before the sweep before,
-- for more than a second. Claims read what has gone since two sweeps.
--
-- Where the sweep before took long, it moves the entry of an empty lane, too: with no first job in
-- line it would stay, all jobs to come would have the same turn, and under an old snapshot each
-- claim would read all that had gone before. The step is far beyond any turn given.
create function supajobs.sweep_lanes() returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_was_slow boolean;
begin
  select pause > interval '1 second' into v_was_slow
  from supajobs.sweeps
  where name = 'lanes' and swept_at < v_now - pause
  for update skip locked;
  if not found then
    return;
  end if;

  begin
    delete from supajobs.starts where started_at <= v_now - interval '1 minute';
    update supajobs.news set is_stuck = false where is_stuck;

    delete from supajobs.lanes as twin
    using supajobs.lanes as older
    where
      twin.job_type = older.job_type
      and twin.priority = older.priority
      and twin.id > older.id;

    update supajobs.lanes as lane
    set floor = moved.floor, entry = moved.entry
    from (
      select
        lane.id,
        least(lane.entry, head.turn) as floor,
        greatest(
          lane.entry,
          head.turn,
          case when v_was_slow and head.turn is null then lane.entry + 1000000 end
        ) as entry
      from supajobs.lanes as lane
      left join lateral (
        select job.turn from public.plan_generation_jobs as job
        where
          job.status = 'pending'
          and job.job_type = lane.job_type
          and job.priority = lane.priority
          and job.turn is not null
        order by job.turn, job.id
        limit 1
      ) as head on true
    ) as moved
    where
      lane.id = moved.id
      and (lane.floor, lane.entry) <> (moved.floor, moved.entry);
  exception when others then
    raise warning 'supajobs: the lanes are not moved on: %', sqlerrm;
  end;

  update supajobs.sweeps
  set
    swept_at = v_now,
    pause = least('10 s', greatest('1 s', 1000 * (clock_timestamp() - v_now)))
  where name = 'lanes';
end
$$;

-- Does what of the two is due; answers the number of jobs taken back.
create function supajobs.sweep(p_max_rows integer default 100) returns integer
language plpgsql
volatile
set search_path = ''
set lock_timeout = '100ms' -- what somebody has edited, and not committed, waits for the next one
as $$
declare
  v_swept integer := supajobs.sweep_leases(p_max_rows);
begin
  perform supajobs.sweep_lanes();
  return v_swept;
end
$$;
