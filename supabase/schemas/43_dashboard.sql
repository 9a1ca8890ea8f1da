-- What the operator's page asks for that no function before it answers: jobs by filters, one job's
-- whole record, the hours of the last week, what it cost, and changes of a job type's limits.
--
-- Each look is bounded, whatever has piled up, and says so where it stopped.

-- A job as those see it who run the queue: without params and result, which may be private.
-- held_back_by says why no job of its type starts while it waits: pause | limit, one of 0.
create function supajobs.describe_job_to_operators(p_job public.plan_generation_jobs) returns json
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select row_to_json(described)
    from (
      select
        p_job.id, p_job.user_id, p_job.job_type, p_job.status, p_job.priority, p_job.progress,
        p_job.error, p_job.plan_id, p_job.project_id, p_job.idempotency_key, p_job.trace_id,
        p_job.run_at, p_job.waiting_for, p_job.is_held,
        case p_job.status when 'pending' then (
          select
            case
              when type.paused_at is not null then 'pause'
              when 0 in (type.max_running, type.starts_per_minute) then 'limit'
            end
          from public.plan_job_types as type
          where type.job_type = p_job.job_type
        ) end as held_back_by,
        p_job.retry_count, p_job.max_retries,
        p_job.crash_count, p_job.max_crashes, p_job.worker_id, p_job.lease_expires_at,
        p_job.cancel_requested_at, p_job.created_at, p_job.started_at, p_job.completed_at,
        p_job.expires_at, p_job.updated_at
    ) as described
  );
end
$$;

-- The ids, newest first, of at most p_max_jobs jobs that are older than p_before and not older than
-- p_floor, and that an attempt has failed or lost. In the order of their index: a sort reads all.
create function supajobs.list_unsuccessful_jobs(
  p_before uuid, p_floor uuid, p_max_jobs integer
) returns uuid[]
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashagg = off
set enable_sort = off
as $$
begin
  return array(
    select distinct attempt.job_id from supajobs.unsuccessful_attempts as attempt
    where attempt.job_id < p_before and attempt.job_id >= p_floor
    order by attempt.job_id desc
    limit p_max_jobs
  );
end
$$;

-- The ids, newest first, of at most p_max_jobs jobs that are older than p_before and not older than
-- p_floor, among which those of a filter are to be looked for: by p_source all, those of its
-- user, those that have not ended, or those that an attempt has failed or lost.
create function supajobs.list_candidates(
  p_source text, p_user_id uuid, p_before uuid, p_floor uuid, p_max_jobs integer
) returns uuid[]
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
as $$
begin
  return case p_source
    when 'user' then array(
      select job.id from public.plan_generation_jobs as job
      where job.user_id = p_user_id and job.id < p_before and job.id >= p_floor
      order by job.id desc
      limit p_max_jobs
    )
    when 'system' then array(
      select job.id from public.plan_generation_jobs as job
      where job.user_id is null and job.id < p_before and job.id >= p_floor
      order by job.id desc
      limit p_max_jobs
    )
    when 'active' then array(
      select active.job_id from public.plan_jobs_active as active
      where active.job_id < p_before and active.job_id >= p_floor
      order by active.job_id desc
      limit p_max_jobs
    )
    when 'unsuccessful' then supajobs.list_unsuccessful_jobs(p_before, p_floor, p_max_jobs)
    else array(
      select job.id from public.plan_generation_jobs as job
      where job.id < p_before and job.id >= p_floor
      order by job.id desc
      limit p_max_jobs
    )
  end;
end
$$;

-- Looks for jobs that a filter of change_plan_jobs lets through, the newest first, before the one
-- with this id, until it has found one more than p_max_jobs, has looked at p_max_looks, or all are
-- looked at. A thousand at a time: it may look a little further and find a few more.
--
-- Failed jobs are looked for among those with an attempt that went wrong; jobs that wait or run, by
-- their indexes, unless there are more of them than p_max_looks; a user's, by that of their user.
--
-- job_ids: those that were found. stopped_at: the id of the last that was looked at, if there may
-- be more behind it.
create function supajobs.look_for_jobs(
  p_filter jsonb,
  p_before uuid,
  p_max_jobs integer,
  p_max_looks integer,
  out job_ids uuid[],
  out stopped_at uuid
)
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
set jit = off
as $$
declare
  v_statuses text[] := supajobs.filtered_statuses(p_filter);
  v_user_id uuid := p_filter ->> 'user_id';
  v_project_id uuid := p_filter ->> 'project_id';
  v_since timestamptz := p_filter ->> 'since';
  v_floor uuid := coalesce(public.plan_job_id_at(v_since), supajobs.nobody());
  v_before uuid := coalesce(p_before, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
  v_source text := case
    when v_user_id is not null then 'user'
    when p_filter ? 'user_id' then 'system'
    when v_statuses = '{failed}' then 'unsuccessful'
    when
      v_statuses <> '{}' and v_statuses <@ '{pending,processing}'
      and p_max_looks > (
        select count(*)
        from (select from public.plan_jobs_active as active limit p_max_looks) as counted
      )
      then 'active'
    else 'all'
  end;
  -- Those that have not ended are no index's in the order of their ids: it reads them once.
  v_step integer := case v_source when 'active' then p_max_looks else 1000 end;
  v_looked uuid[];
  v_looks integer := 0;
begin
  job_ids := '{}';
  loop
    v_looked := supajobs.list_candidates(
      v_source, v_user_id, v_before, v_floor, least(v_step, p_max_looks - v_looks)
    );
    v_looks := v_looks + cardinality(v_looked);
    v_before := coalesce(v_looked[cardinality(v_looked)], v_before);
    job_ids := job_ids || array(
      select job.id
      from public.plan_generation_jobs as job
      where
        job.id = any(v_looked)
        and (v_statuses = '{}' or job.status = any(v_statuses))
        and (p_filter ->> 'job_type' is null or job.job_type = p_filter ->> 'job_type')
        and (p_filter ->> 'error' is null or job.error ->> 'code' = p_filter ->> 'error')
        and (v_project_id is null or job.project_id = v_project_id)
        and (v_since is null or job.created_at >= v_since)
      order by job.id desc
    );
    if v_looks >= p_max_looks or cardinality(job_ids) > p_max_jobs then
      stopped_at := v_before;
      return;
    end if;
    exit when cardinality(v_looked) < v_step;
  end loop;
end
$$;

-- The newest jobs that a filter lets through, before the one with this id: {jobs, next,
-- looked_until}. The filter is that of change_plan_jobs; see look_for_jobs.
--
-- `next` is what to ask on with as p_before, null where nothing is left. `looked_until` is null or,
-- where it stopped before the page was full, since when all that was requested has been looked at.
create function public.find_plan_jobs(
  p_filter jsonb default '{}',
  p_before uuid default null,
  p_max_jobs integer default 50,
  p_max_looks integer default 20000
) returns json
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_found record := supajobs.look_for_jobs(p_filter, p_before, p_max_jobs, p_max_looks);
  v_is_full boolean := cardinality(v_found.job_ids) > p_max_jobs;
begin
  return json_build_object(
    'jobs', (
      select coalesce(json_agg(supajobs.describe_job_to_operators(job) order by job.id desc), '[]')
      from public.plan_generation_jobs as job
      where job.id = any(v_found.job_ids[:p_max_jobs])
    ),
    'next', case when v_is_full then v_found.job_ids[p_max_jobs] else v_found.stopped_at end,
    'looked_until', case
      when not v_is_full then (
        select job.created_at from public.plan_generation_jobs as job
        where job.id = v_found.stopped_at
      )
    end
  );
end
$$;

-- How many jobs a filter lets through, of the newest p_max_looks that look_for_jobs looks at:
-- {jobs, capped}, capped where there may be more. count_plan_jobs counts all, which takes seconds
-- where there are millions.
create function public.count_newest_plan_jobs(
  p_filter jsonb, p_max_looks integer default 20000
) returns json
language sql
stable
set search_path = ''
as $$
  select
    json_build_object('jobs', cardinality(found.job_ids), 'capped', found.stopped_at is not null)
  from supajobs.look_for_jobs(p_filter, null, p_max_looks, p_max_looks) as found
$$;

-- All that is known of a job: {job, position, attempts, steps, flow, notifications, costs}; null
-- for one that is not there. Steps are without their outputs, and the flow is null of a job alone.
-- Of attempts and steps, the newest 200. costs: {input_tokens, output_tokens, cost_usd} of all its
-- attempts, as the ledger has them.
create function public.describe_plan_job(p_job_id uuid) returns json
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_job public.plan_generation_jobs;
begin
  select * into v_job from public.plan_generation_jobs where id = p_job_id;
  if not found then
    return null;
  end if;
  return json_build_object(
    'job', supajobs.describe_job_to_operators(v_job),
    'position', case v_job.status when 'pending' then public.plan_job_position(p_job_id) end,
    'attempts', (
      select coalesce(json_agg(row_to_json(attempt) order by attempt.started_at), '[]')
      from (
        select each.*
        from public.plan_job_attempts as each
        where each.job_id = p_job_id
        order by each.started_at desc
        limit 200
      ) as attempt
    ),
    'steps', (
      select coalesce(json_agg(row_to_json(told) order by told.saved_at), '[]')
      from (
        select
          step.name, step.saved_at, step.model, step.input_tokens, step.output_tokens,
          step.cost_usd
        from public.plan_job_steps as step
        where step.job_id = p_job_id
        order by step.saved_at desc
        limit 200
      ) as told
    ),
    'flow', case when v_job.has_ties then public.get_plan_job_flow(p_job_id, v_job.user_id) end,
    'notifications', (
      select coalesce(json_agg(row_to_json(notification) order by notification.id), '[]')
      from public.plan_job_notifications as notification
      where notification.job_id = p_job_id and notification.user_id = v_job.user_id
    ),
    'costs', (
      select
        json_build_object(
          'input_tokens', coalesce(sum(cost.input_tokens), 0),
          'output_tokens', coalesce(sum(cost.output_tokens), 0),
          'cost_usd', sum(cost.cost_usd)
        )
      from public.plan_job_costs as cost
      where cost.job_id = p_job_id
    )
  );
end
$$;

-- What has ended in each hour that is over, by type, and with an empty job_type in total. It is
-- counted once, by the cleanup, which is about to delete jobs, or when somebody asks before that.
create table supajobs.past_hours (
  hour timestamptz not null,
  job_type text not null,
  completed integer not null,
  failed integer not null,
  cancelled integer not null,
  retrying integer not null,
  released integer not null,
  suspended integer not null,
  crashed integer not null,
  duration_p50 double precision,
  duration_p95 double precision,
  capped boolean not null,

  primary key (hour, job_type)
);
comment on table supajobs.past_hours is
'Attempts by their outcome in each hour (UTC) that is over, for eight days.';
comment on column supajobs.past_hours.capped is
'Whether more may have ended than were counted.';

-- Counts what ended in the hour that begins then: at most the latest 50,000 attempts that completed
-- a job, with the durations of the latest 10,000; and, of the jobs requested before its end, those
-- of the latest 20,000 other attempts. failed: jobs, also those that failed by their last crash.
create function supajobs.count_hour(p_hour timestamptz) returns setof supajobs.past_hours
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
set jit = off
set plan_cache_mode = 'force_custom_plan' -- how many there are depends on the hour
as $$
begin
  return query
  with completed as (
    select
      job.job_type,
      extract(epoch from job.completed_at - job.started_at)::double precision as seconds
    from public.plan_generation_jobs as job
    where
      job.status = 'completed'
      and job.completed_at >= p_hour
      and job.completed_at < p_hour + interval '1 hour'
    order by job.completed_at desc
    limit 50000
  ),

  latest as (
    select attempt.job_id, attempt.job_type, attempt.outcome, attempt.ended_at
    from supajobs.unsuccessful_attempts as attempt
    where attempt.job_id < public.plan_job_id_at(p_hour + interval '1 hour')
    order by attempt.job_id desc
    limit 20000
  ),

  unsuccessful as (
    select latest.job_id, latest.job_type, latest.outcome, latest.ended_at
    from latest
    where latest.ended_at >= p_hour and latest.ended_at < p_hour + interval '1 hour'
  ),

  -- First by type and outcome: of the many that completed, each is then looked at once.
  ended as (
    select completed.job_type, 'completed' as outcome, count(*) as attempts
    from completed
    group by completed.job_type
    union all
    select unsuccessful.job_type, unsuccessful.outcome, count(*)
    from unsuccessful
    group by unsuccessful.job_type, unsuccessful.outcome
    union all
    -- A job also fails by its last crash.
    select unsuccessful.job_type, 'failed', count(*)
    from unsuccessful
    inner join public.plan_generation_jobs as job
      on unsuccessful.job_id = job.id and unsuccessful.ended_at = job.completed_at
    where unsuccessful.outcome = 'crashed' and job.status = 'failed'
    group by unsuccessful.job_type
  ),

  counted as (
    select
      coalesce(ended.job_type, '') as job_type,
      coalesce(sum(ended.attempts) filter (where ended.outcome = 'completed'), 0) as completed,
      coalesce(sum(ended.attempts) filter (where ended.outcome = 'failed'), 0) as failed,
      coalesce(sum(ended.attempts) filter (where ended.outcome = 'cancelled'), 0) as cancelled,
      coalesce(sum(ended.attempts) filter (where ended.outcome = 'retrying'), 0) as retrying,
      coalesce(sum(ended.attempts) filter (where ended.outcome = 'released'), 0) as released,
      coalesce(sum(ended.attempts) filter (where ended.outcome = 'suspended'), 0) as suspended,
      coalesce(sum(ended.attempts) filter (where ended.outcome = 'crashed'), 0) as crashed
    from ended
    group by grouping sets ((ended.job_type), ())
  ),

  measured as (
    select
      coalesce(timed.job_type, '') as job_type,
      percentile_cont(array[0.5, 0.95]) within group (order by timed.seconds) as durations
    from (
      select completed.job_type, completed.seconds from completed
      limit 10000
    ) as timed
    group by grouping sets ((timed.job_type), ())
  )

  select
    p_hour, counted.job_type, counted.completed::integer, counted.failed::integer,
    counted.cancelled::integer, counted.retrying::integer, counted.released::integer,
    counted.suspended::integer, counted.crashed::integer, measured.durations[1],
    measured.durations[2],
    (select count(*) = 50000 from completed) or (select count(*) = 20000 from latest)
  from counted
  left join measured on counted.job_type = measured.job_type;
end
$$;

-- The hours that are over among the last p_hours (168 at most), the newest first. In its first
-- minute, settles of the hour before may not have been committed.
create function supajobs.list_past_hours(p_hours integer) returns setof timestamptz
language sql
volatile -- for the time
set search_path = ''
as $$
  select generate_series(
    date_bin('1 hour', clock_timestamp() - interval '61 minutes', 'epoch'),
    date_bin('1 hour', clock_timestamp(), 'epoch')
    - make_interval(hours => least(168, greatest(1, p_hours)) - 1),
    interval '-1 hour'
  )
$$;

-- Counts those of the last p_hours that are over and were not counted yet, the newest first, until
-- p_seconds have gone by. Whether all of them are; not while another one counts, for whose end
-- nobody shall wait: the cleanup goes on to delete.
create function supajobs.count_past_hours(p_hours integer, p_seconds double precision)
returns boolean
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_until timestamptz := clock_timestamp() + make_interval(secs => p_seconds);
  v_hour timestamptz;
begin
  for v_hour in
    select past.hour from supajobs.list_past_hours(p_hours) as past (hour)
    where not exists (
      select from supajobs.past_hours as known where known.hour = past.hour and known.job_type = ''
    )
    order by past.hour desc
  loop
    if
      clock_timestamp() > v_until
      or not pg_try_advisory_xact_lock(hashtextextended('supajobs.past_hours', 0))
    then
      return false;
    end if;
    insert into supajobs.past_hours select * from supajobs.count_hour(v_hour)
    on conflict do nothing;
    delete from supajobs.past_hours where hour < clock_timestamp() - interval '8 days';
  end loop;
  return true;
end
$$;

-- Does so for a fiftieth of a second. Answers {is_complete}.
create function public.count_plan_hours(p_hours integer default 24) returns json
language sql
volatile
set search_path = ''
as $$
  select json_build_object('is_complete', supajobs.count_past_hours(p_hours, 0.02))
$$;

-- What has ended, hour by hour (UTC), in the last p_hours (168 at most), that of now among them,
-- the oldest first: {hours: [{hour, completed, failed, cancelled, retrying, released, suspended,
-- crashed, success_rate, duration_p50, duration_p95, capped}], is_complete}. Of one job type, or in
-- total. See count_hour.
--
-- An hour that is over is there once count_plan_hours has counted it; is_complete: all are.
create function public.describe_plan_hours(
  p_hours integer default 24, p_job_type text default null
) returns json
language plpgsql
stable
set search_path = ''
set jit = off
as $$
declare
  v_past timestamptz[] := array(
    select past.hour from supajobs.list_past_hours(p_hours) as past (hour)
    order by past.hour desc
  );
  v_this timestamptz := date_bin('1 hour', clock_timestamp(), 'epoch');
begin
  return (
    with known as (
      select past.* from supajobs.past_hours as past
      where past.hour = any(v_past) and past.job_type in ('', p_job_type)
      union all
      select counted.*
      from generate_series(
        coalesce(v_past[1] + interval '1 hour', v_this), v_this, interval '1 hour'
      ) as open (hour)
      cross join lateral supajobs.count_hour(open.hour) as counted
      where counted.job_type in ('', p_job_type)
    ),

    told as (
      select
        total.hour,
        coalesce(wanted.completed, 0) as completed,
        coalesce(wanted.failed, 0) as failed,
        coalesce(wanted.cancelled, 0) as cancelled,
        coalesce(wanted.retrying, 0) as retrying,
        coalesce(wanted.released, 0) as released,
        coalesce(wanted.suspended, 0) as suspended,
        coalesce(wanted.crashed, 0) as crashed,
        wanted.completed::double precision
        / nullif(wanted.completed + wanted.failed, 0) as success_rate,
        wanted.duration_p50,
        wanted.duration_p95,
        total.capped
      from known as total
      left join known as wanted
        on total.hour = wanted.hour and wanted.job_type = coalesce(p_job_type, '')
      where total.job_type = ''
    )

    select
      json_build_object(
        'hours', coalesce(json_agg(row_to_json(told) order by told.hour), '[]'),
        'is_complete', count(*) filter (where told.hour = any(v_past)) = cardinality(v_past)
      )
    from told
  );
end
$$;

-- What attempts consumed that began in the last p_days (90 at most; days are UTC): {by_day: [{day,
-- …}], by_model: [{model, …}], by_user: [{user_id, …}], capped}, each with attempts, input_tokens,
-- output_tokens and cost_usd. by_day has every day, the oldest first; the others begin with what
-- cost the most, and by_user ends after 20.
--
-- Of the jobs that were requested in these days or in the week before them, the latest 25,000
-- entries of the ledger; capped: there are more.
create function public.describe_plan_costs(p_days integer default 30) returns json
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
set jit = off
as $$
declare
  v_today date := (clock_timestamp() at time zone 'utc')::date;
  v_first date := v_today - (least(90, greatest(1, p_days)) - 1);
  v_since timestamptz := v_first::timestamp at time zone 'utc';
begin
  return (
    with summed as (
      select
        latest.day, latest.model, latest.user_id,
        grouping(latest.day, latest.model, latest.user_id) as kind,
        count(*) as entries,
        count(*) filter (where latest.is_in) as attempts,
        coalesce(sum(latest.input_tokens) filter (where latest.is_in), 0) as input_tokens,
        coalesce(sum(latest.output_tokens) filter (where latest.is_in), 0) as output_tokens,
        coalesce(sum(latest.cost_usd) filter (where latest.is_in), 0) as cost_usd
      from (
        select
          cost.model, cost.user_id, cost.input_tokens, cost.output_tokens, cost.cost_usd,
          (cost.started_at at time zone 'utc')::date as day,
          cost.started_at >= v_since as is_in
        from public.plan_job_costs as cost
        where cost.job_id >= public.plan_job_id_at(v_since - interval '7 days')
        order by cost.job_id desc
        limit 25000
      ) as latest
      group by grouping sets ((latest.day), (latest.model), (latest.user_id), ())
    )

    select
      json_build_object(
        'by_day', (
          select
            json_agg(
              json_build_object(
                'day', each.day::date,
                'attempts', coalesce(summed.attempts, 0),
                'input_tokens', coalesce(summed.input_tokens, 0),
                'output_tokens', coalesce(summed.output_tokens, 0),
                'cost_usd', coalesce(summed.cost_usd, 0)
              )
              order by each.day
            )
          from generate_series(v_first, v_today, interval '1 day') as each (day)
          left join summed on each.day = summed.day and summed.kind = 3
        ),
        'by_model', (
          select
            coalesce(
              json_agg(
                json_build_object(
                  'model', summed.model, 'attempts', summed.attempts,
                  'input_tokens', summed.input_tokens, 'output_tokens', summed.output_tokens,
                  'cost_usd', summed.cost_usd
                )
                order by summed.cost_usd desc, summed.model
              ),
              '[]'
            )
          from summed
          where summed.kind = 5 and summed.attempts > 0
        ),
        'by_user', (
          select coalesce(json_agg(row_to_json(first) order by first.cost_usd desc), '[]')
          from (
            select
              summed.user_id, summed.attempts, summed.input_tokens, summed.output_tokens,
              summed.cost_usd
            from summed
            where summed.kind = 6 and summed.attempts > 0
            order by summed.cost_usd desc, summed.user_id
            limit 20
          ) as first
        ),
        'capped', (select summed.entries = 25000 from summed where summed.kind = 7)
      )
  );
end
$$;

-- Changes the limits of a job type, and whether it is paused: {is_paused?, max_running?, …}, of
-- the columns of plan_job_types that are limits. In a pause, max_running is what it will be
-- after it. Answers {outcome: changed}.
create function public.change_plan_job_type(p_job_type text, p_changes jsonb) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_type public.plan_job_types;
  v_constraint text;
begin
  perform supajobs.lock_job_types(coalesce(p_job_type, ''));
  -- First, so that a limit that comes with it is the one after the pause, or of now.
  perform case (p_changes ->> 'is_paused')::boolean
    when true then public.pause_plan_jobs(p_job_type)
    when false then public.resume_plan_jobs(p_job_type)
  end;
  select * into v_type from public.plan_job_types where job_type = p_job_type;

  update public.plan_job_types as type
  set
    max_retries = new.max_retries,
    max_crashes = new.max_crashes,
    backoff_base_seconds = new.backoff_base_seconds,
    backoff_cap_seconds = new.backoff_cap_seconds,
    lease_seconds = new.lease_seconds,
    max_runtime_seconds = new.max_runtime_seconds,
    ttl_hours = new.ttl_hours,
    max_enqueues = new.max_enqueues,
    enqueue_window_seconds = new.enqueue_window_seconds,
    max_running = case when v_type.paused_at is null then new.max_running else type.max_running end,
    paused_max_running = case
      when v_type.paused_at is not null and p_changes ? 'max_running' then new.max_running
      else type.paused_max_running
    end,
    starts_per_minute = new.starts_per_minute,
    max_running_per_user = new.max_running_per_user,
    max_running_per_project = new.max_running_per_project,
    max_cost_per_user_month = new.max_cost_per_user_month
  from jsonb_populate_record(v_type, p_changes) as new
  where type.job_type = p_job_type;
  return '{"outcome": "changed"}';
exception when check_violation then
  get stacked diagnostics v_constraint = constraint_name;
  raise sqlstate 'PT422' using
    message = format('The job type cannot have these limits (%s).', v_constraint),
    detail = 'out_of_range';
end
$$;

revoke all on function
public.find_plan_jobs,
public.count_newest_plan_jobs,
public.describe_plan_job,
public.count_plan_hours,
public.describe_plan_hours,
public.describe_plan_costs,
public.change_plan_job_type
from public, anon, authenticated;
grant execute on function
public.find_plan_jobs,
public.count_newest_plan_jobs,
public.describe_plan_job,
public.count_plan_hours,
public.describe_plan_hours,
public.describe_plan_costs,
public.change_plan_job_type
to service_role;
