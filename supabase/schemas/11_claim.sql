-- Takes up to p_max_jobs due jobs for a worker. It goes lane by lane, the highest priority first
-- and the job types of one priority in random order, and takes from each, in turn, what the limits
-- of its type allow. A repeated call with the same p_claim_id answers the same jobs, as long as
-- they run, and extends their leases.

-- Who started when: one row per claim of a limited type, for a minute. The sweep deletes them.
create table supajobs.starts (
  job_type text not null,
  started_at timestamptz not null,
  claim_id uuid not null,
  jobs integer not null,

  primary key (job_type, started_at, claim_id),
  constraint starts_some check (jobs > 0)
);
comment on table supajobs.starts is
'The starts of the last minute, of the job types that have a limit.';

-- How many more jobs may start now of each limited type, with the locks that keep it true until the
-- commit: claims of a limited type take turns here. The locks are not those of the rows: no claim
-- waits for somebody who edits a type in an open transaction; what is committed counts. Nor does
-- any wait for a type that is held back, of which it takes nothing. Empty where no type is limited.
create function supajobs.lock_quotas(p_job_types text[]) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_limited text[];
  v_job_type text;
  v_type public.plan_job_types;
  v_quotas jsonb;
begin
  -- Nothing of any limited type, unless the loop says how much: what was paused or resumed between
  -- the two is not taken for unlimited.
  select
    coalesce(jsonb_object_agg(type.job_type, 0), '{}'),
    coalesce(
      array_agg(type.job_type order by type.job_type) filter (
        where (0 in (type.max_running, type.starts_per_minute)) is not true
      ),
      '{}'
    )
  into v_quotas, v_limited
  from public.plan_job_types as type
  where
    (type.max_running is not null or type.starts_per_minute is not null)
    and (p_job_types is null or type.job_type = any(p_job_types));

  -- In one order, so that no two claims wait for each other.
  foreach v_job_type in array v_limited loop
    perform pg_advisory_xact_lock(hashtextextended(v_job_type, 1));
    select * into v_type from public.plan_job_types where job_type = v_job_type;
    v_quotas := v_quotas || jsonb_build_object(
      v_job_type,
      greatest(0, least(
        v_type.max_running - (
          select count(*) from public.plan_generation_jobs
          where status = 'processing' and job_type = v_job_type
        ),
        v_type.starts_per_minute - (
          select coalesce(sum(jobs), 0) from supajobs.starts
          where
            job_type = v_job_type
            and started_at > clock_timestamp() - interval '1 minute'
        )
      ))
    );
  end loop;
  return v_quotas;
end
$$;

-- What the worker is told about the jobs that it has claimed and that still run.
create function supajobs.describe_claimed_jobs(p_claim_id uuid) returns json
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(json_agg(claimed), '[]')
    from (
      select
        id, user_id, job_type, params, project_id, trace_id, claim_id, retry_count, max_retries,
        crash_count, lease_seconds, max_runtime_seconds, created_at, started_at, has_ties, priority,
        turn
      from public.plan_generation_jobs
      where claim_id = p_claim_id and status = 'processing'
      order by priority desc, turn, id
    ) as claimed
  );
end
$$;

create function public.claim_plan_jobs(
  p_claim_id uuid,
  p_worker_id text,
  p_max_jobs integer default 1,
  p_job_types text[] default null
) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_free integer := p_max_jobs;
  v_pass integer := 0;
  v_quotas jsonb;
  v_lanes supajobs.lanes[] := '{}';
  v_lane supajobs.lanes;
  v_state record;
begin
  if coalesce(p_max_jobs, 0) not between 1 and 1000 then
    raise sqlstate 'PT422' using
      message = 'A claim takes between 1 and 1000 jobs.',
      detail = 'max_jobs_out_of_range',
      hint = 'Claim again when these have ended.';
  end if;

  if p_claim_id is null or p_worker_id is null then
    raise sqlstate 'PT422' using
      message = 'A claim has an id, made by the worker, and the name of the worker.',
      detail = 'claim_without_a_name',
      hint = 'Send p_claim_id and p_worker_id.';
  end if;

  -- Two copies of one call, a retry beside its slow first try, take turns: else both would claim.
  perform pg_advisory_xact_lock(hashtextextended(p_claim_id::text, 0));

  -- Mostly one pass through all lanes, in one statement. A second one where the sweep or a
  -- promotion may have brought jobs up; and where types are limited, one for each lane.
  loop
    with state as materialized (
      select
        exists (
          select from public.plan_generation_jobs
          where claim_id = p_claim_id and status = 'processing'
        ) as has_claimed,
        exists (
          select from supajobs.sweeps where swept_at < v_now - pause
        ) as sweep_is_due,
        exists (
          select from public.plan_generation_jobs
          where status = 'pending' and turn is null and not is_held and run_at <= v_now
        ) as some_are_due,
        exists (
          select from public.plan_job_types
          where
            (max_running is not null or starts_per_minute is not null)
            and (p_job_types is null or job_type = any(p_job_types))
        ) as some_are_limited
    ),

    taken as (
      update public.plan_generation_jobs as job
      set
        status = 'processing',
        claim_id = p_claim_id,
        worker_id = p_worker_id,
        lease_expires_at = v_now + make_interval(secs => job.lease_seconds),
        lease_lost_at = null,
        started_at = v_now,
        updated_at = v_now
      where job.id = any(array(
        select waiting.id
        from state
        cross join (
          select job_type, priority, min(floor) as floor
          from supajobs.lanes
          where
            (p_job_types is null or job_type = any(p_job_types))
            and (v_lane is null or (job_type = v_lane.job_type and priority = v_lane.priority))
          group by job_type, priority
          order by priority desc, hashtextextended(job_type, uuid_hash_extended(p_claim_id, 0))
        ) as lane
        cross join lateral (
          select job.id
          from public.plan_generation_jobs as job
          where
            job.status = 'pending'
            and job.job_type = lane.job_type
            and job.priority = lane.priority
            and job.turn >= lane.floor
          order by job.turn, job.id
          limit least(v_free, (v_quotas ->> lane.job_type)::integer)
          for update skip locked
        ) as waiting
        where v_pass > 0 or not (state.has_claimed or state.some_are_limited)
        limit v_free
      ))
      returning
        job.id, job.user_id, job.job_type, job.params, job.project_id, job.trace_id, job.claim_id,
        job.retry_count, job.max_retries, job.crash_count, job.lease_seconds,
        job.max_runtime_seconds, job.created_at, job.started_at, job.has_ties, job.priority,
        job.turn
    )

    select state.*, answer.jobs, answer.taken into v_state
    from state
    cross join (
      select
        json_agg(taken order by taken.priority desc, taken.turn, taken.id) as jobs,
        count(*)::integer as taken
      from taken
    ) as answer;

    v_free := v_free - v_state.taken;
    if v_pass = 0 then
      if v_state.has_claimed then
        -- Who asks again is alive: a lost answer is no lost lease.
        update public.plan_generation_jobs as job
        set lease_expires_at = least(
          v_now + make_interval(secs => job.lease_seconds),
          job.started_at + make_interval(secs => job.max_runtime_seconds + job.lease_seconds)
        )
        where job.claim_id = p_claim_id and job.status = 'processing';
        exit;
      end if;
      if v_state.sweep_is_due then
        perform supajobs.sweep();
      end if;
      -- While there is enough to do without them, once in a while.
      if v_free > 0 or v_state.sweep_is_due then
        v_state.some_are_due := (
          supajobs.release_held_jobs(p_has_enough => v_free = 0) or v_state.some_are_due
        );
      end if;
      if v_state.some_are_due then
        perform supajobs.promote_due_jobs(greatest(100, p_max_jobs));
        -- Those among them whose key is to have room first.
        perform supajobs.release_held_jobs(p_has_enough => v_free = 0);
      end if;
      if
        v_free = 0
        or not (v_state.sweep_is_due or v_state.some_are_due or v_state.some_are_limited)
      then
        return coalesce(v_state.jobs, '[]');
      end if;
      if v_state.some_are_limited then
        v_quotas := supajobs.lock_quotas(p_job_types);
        -- A lane that is there twice has nothing more to give the second time.
        v_lanes := array(
          select lane from supajobs.lanes as lane
          where p_job_types is null or lane.job_type = any(p_job_types)
          order by
            lane.priority desc,
            hashtextextended(lane.job_type, uuid_hash_extended(p_claim_id, 0))
        );
        exit when cardinality(v_lanes) = 0;
      end if;
    elsif v_state.taken > 0 and v_quotas ? v_lane.job_type then
      insert into supajobs.starts (job_type, started_at, claim_id, jobs)
      values (v_lane.job_type, v_now, p_claim_id, v_state.taken);
      v_quotas := v_quotas || jsonb_build_object(
        v_lane.job_type, (v_quotas ->> v_lane.job_type)::integer - v_state.taken
      );
    end if;
    exit when v_free = 0 or (v_pass > 0 and v_pass >= cardinality(v_lanes));
    v_pass := v_pass + 1;
    v_lane := v_lanes[v_pass];
    v_now := clock_timestamp();
  end loop;
  return supajobs.describe_claimed_jobs(p_claim_id);
end
$$;

revoke all on function public.claim_plan_jobs from public, anon, authenticated;
grant execute on function public.claim_plan_jobs to service_role;
