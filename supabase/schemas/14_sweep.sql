-- Takes jobs away from workers that went silent, moves the floors of the lanes up, and forgets old
-- starts. A swept job runs again at once, unless its cancellation was asked for or it has lost its
-- last lease; its attempt gets the usage of the steps that were saved in it, as what it had spent
-- since the last of them nobody knows.
--
-- Runs inside claims. A table without an index on lease_expires_at is swept by reading all that
-- runs, so a sweep rests the longer the longer it took (while somebody holds an old snapshot it
-- must read all that has run since), a thousand times as long: at most once a second for the whole
-- fleet, at least once in ten. Where more leases are lost than one takes, the next claim goes on.

create table supajobs.sweep (
  singleton boolean primary key default true,
  swept_at timestamptz not null default '-infinity',
  pause interval not null default '1 second',

  constraint sweep_one_row check (singleton)
);
comment on table supajobs.sweep is 'When expired leases were last looked for. One row.';
insert into supajobs.sweep default values;

-- Lets no sweep pass over a job that is on its way. A sweep moves the entry of a lane, where new
-- jobs come in, to the first job that it sees, and the floor, where claims begin to look, only to
-- where the entry was already: what still comes in below has been on its way since before the sweep
-- before, for more than a second. Claims read what has gone since two sweeps.
--
-- Where the sweep before took long, it moves the entry of an empty lane, too: with no first job in
-- line it would stay, all jobs to come would have the same turn, and under an old snapshot each
-- claim would read all that had gone before. The step is far beyond any turn given.
--
-- Answers the number of jobs swept.
create function supajobs.sweep_expired_jobs(
  p_max_rows integer default 100
) returns integer
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_swept integer;
  v_was_slow boolean;
  v_ended supajobs.ended_attempt[];
begin
  -- Whoever finds the row taken leaves the sweep to its holder: no claim waits for it.
  select pause > interval '1 second' into v_was_slow
  from supajobs.sweep
  where swept_at < v_now - pause
  for update skip locked;
  if not found then
    return 0;
  end if;

  -- A swept job runs again at once, unless its cancellation was asked for or it has lost its last
  -- lease.
  with expired as (
    select
      job.id,
      case
        when job.cancel_requested_at is not null then 'cancelled'
        when job.crash_count + 1 < job.max_crashes then 'pending'
        else 'failed'
      end as next_status
    from public.plan_generation_jobs as job
    where job.status = 'processing' and job.lease_expires_at < v_now
    limit p_max_rows
    for update skip locked
  ),

  swept as (
    update public.plan_generation_jobs as job
    set
      status = expired.next_status,
      crash_count = job.crash_count + 1,
      lease_expires_at = null,
      lease_lost_at = v_now,
      progress = null,
      error = case expired.next_status
        when 'failed' then jsonb_build_object(
          'code', 'worker_lost',
          'message', 'The job was stopped: its workers went silent too many times.'
        )
        else job.error
      end,
      completed_at = case when expired.next_status <> 'pending' then v_now end,
      expires_at = case
        when expired.next_status <> 'pending' then v_now + make_interval(hours => job.ttl_hours)
      end,
      updated_at = v_now
    from expired
    where job.id = expired.id
    returning job.*
  )

  select
    count(*),
    array_agg(
      (
        swept.id, swept.claim_id, swept.user_id, swept.job_type, swept.worker_id,
        case swept.status when 'cancelled' then 'cancelled' else 'crashed' end, null,
        swept.started_at, null,
        case
          when swept.has_steps
            then supajobs.sum_steps(swept.id, swept.claim_id, swept.started_at)
        end,
        swept.has_provider_key
      )::supajobs.ended_attempt
    )
  into v_swept, v_ended
  from swept;
  if v_swept > 0 then
    perform supajobs.record_attempts(v_ended, v_now);
  end if;

  delete from supajobs.starts where started_at <= v_now - interval '1 minute';

  update supajobs.lanes as lane
  set floor = moved.floor, entry = moved.entry
  from (
    select
      lane.job_type,
      lane.priority,
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
    lane.job_type = moved.job_type
    and lane.priority = moved.priority
    and (lane.floor, lane.entry) <> (moved.floor, moved.entry);

  update supajobs.sweep
  set
    swept_at = v_now,
    pause = case
      when v_swept = p_max_rows then '0 s' -- there may be more of them
      else least('10 s', greatest('1 s', 1000 * (clock_timestamp() - v_now)))
    end
  where singleton;
  return v_swept;
end
$$;
