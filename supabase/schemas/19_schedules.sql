-- Recurring jobs. The occurrences of a schedule are jobs: each comes in by enqueue_plan_job, for
-- which it is a request like any other.
--
-- When the next ones are due is computed outside, from cron and time zone or from the interval
-- (src/supajobs/schedules.py), and is stored here. What is due is decided by this database's clock:
-- any processor asks for it (get_due_plan_job_schedules) and takes it (run_plan_job_schedules).

create table public.plan_job_schedules (
  id uuid primary key default supajobs.new_id(),
  user_id uuid references auth.users (id) on delete cascade,
  job_type text not null,
  name text not null,
  cron text,
  time_zone text,
  interval_seconds integer,
  params jsonb not null default '{}',
  priority smallint not null default 5,
  project_id uuid,
  ttl_hours smallint,
  starts_at timestamptz not null default now(),
  ends_at timestamptz,
  paused_at timestamptz,
  overlap text not null default 'skip',
  catch_up text not null default 'one',
  next_run_at timestamptz,
  period_seconds integer not null,
  last_job_id uuid,
  last_run_at timestamptz,
  last_outcome text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint plan_job_schedules_cron_or_interval check (
    num_nonnulls(cron, interval_seconds) = 1 and (cron is null) = (time_zone is null)
  ),
  constraint plan_job_schedules_interval_in_range check (
    interval_seconds between 60 and 31622400
  ),
  constraint plan_job_schedules_period_in_range check (period_seconds >= 1),
  -- Nor infinite: whoever computes the next times could not read it, and no other one beside it.
  constraint plan_job_schedules_times_in_range check (
    starts_at between '2000-01-01Z' and '2200-01-01Z'
    and ends_at between '2000-01-01Z' and '2200-01-01Z'
    and next_run_at between '2000-01-01Z' and '2200-01-01Z'
    and paused_at between '2000-01-01Z' and '2200-01-01Z'
    and last_run_at between '2000-01-01Z' and '2200-01-01Z'
  ),
  constraint plan_job_schedules_name_in_range check (length(name) between 1 and 100),
  constraint plan_job_schedules_priority_in_range check (priority between 0 and 10),
  constraint plan_job_schedules_ttl_in_range check (ttl_hours between 1 and 168),
  constraint plan_job_schedules_params_an_object check (jsonb_typeof(params) = 'object'),
  constraint plan_job_schedules_overlap_known check (overlap in ('skip', 'queue')),
  constraint plan_job_schedules_catch_up_known check (catch_up in ('none', 'one', 'all')),
  -- Those that are caught up with come at once: of all, each but the first would be skipped.
  constraint plan_job_schedules_all_are_queued check (catch_up <> 'all' or overlap = 'queue')
)
-- Room for the next version of each row, which every occurrence makes.
with (fillfactor = 70);
comment on table public.plan_job_schedules is
'Recurring jobs: what to enqueue, and when it is due next.';
comment on column public.plan_job_schedules.user_id is
'Whose jobs they are; null for jobs of the system.';
comment on column public.plan_job_schedules.name is
'What its owner knows it by: one schedule of each name.';
comment on column public.plan_job_schedules.cron is
'Minute, hour, day of month, month, day of week, in the local time of time_zone.';
comment on column public.plan_job_schedules.interval_seconds is
'Counted from starts_at.';
comment on column public.plan_job_schedules.params is
'Of each job. Where scheduled_for is null in it, a job gets the time of its occurrence there; where
time_zone is, that of the schedule.';
comment on column public.plan_job_schedules.overlap is
'While the last job is pending or processing: skip the next occurrence, or queue it all the same.';
comment on column public.plan_job_schedules.catch_up is
'Of the occurrences that were missed, while nobody looked: run none, the latest one, or all (24 at
a time, which come at once: only where overlap is queue).';
comment on column public.plan_job_schedules.next_run_at is
'When it is due; null: it has ended.';
comment on column public.plan_job_schedules.period_seconds is
'From the next occurrence to the one after it.';
comment on column public.plan_job_schedules.last_outcome is
'Of the last occurrence: created, existing, skipped, missed, or the code of what refused the job.';

create unique index plan_job_schedules_one_per_name
on public.plan_job_schedules (user_id, name) nulls not distinct;
create index plan_job_schedules_by_user
on public.plan_job_schedules (user_id, id);
create index plan_job_schedules_due
on public.plan_job_schedules (next_run_at)
where paused_at is null and next_run_at is not null;

alter table public.plan_job_schedules enable row level security;
create policy plan_job_schedules_read_by_owner
on public.plan_job_schedules for select to authenticated
using ((select auth.uid()) = user_id);
revoke all on table public.plan_job_schedules from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.plan_job_schedules to service_role;
grant select (
  id, user_id, job_type, name, cron, time_zone, interval_seconds, params, priority, project_id,
  ttl_hours, starts_at, ends_at, paused_at, overlap, catch_up, next_run_at, last_job_id,
  last_run_at, last_outcome, created_at, updated_at
) on table public.plan_job_schedules to authenticated;

-- A schedule as its owner sees it: the columns granted above.
create function supajobs.describe_schedule(p_schedule public.plan_job_schedules) returns json
language sql
stable
set search_path = ''
as $$
  select (to_jsonb(p_schedule) - 'period_seconds')::json
$$;

-- Refuses what no job of the schedule could be.
create function supajobs.check_schedule(p_schedule public.plan_job_schedules) returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  v_type public.plan_job_types;
begin
  select * into v_type from public.plan_job_types where job_type = p_schedule.job_type;
  if not found then
    raise sqlstate 'PT422' using
      message = format('There is no job type "%s".', p_schedule.job_type),
      detail = 'unknown_job_type',
      hint = 'Add a row for it to plan_job_types.';
  end if;
  if v_type.dedupe_by = 'project' and p_schedule.project_id is null then
    raise sqlstate 'PT422' using
      message = format('Jobs of type "%s" belong to a project.', p_schedule.job_type),
      detail = 'project_required',
      hint = 'Send project_id.';
  end if;
  if p_schedule.priority not between 0 and 10 or p_schedule.ttl_hours not between 1 and 168 then
    raise sqlstate 'PT422' using
      message = 'The priority lies between 0 and 10, the time to live between 1 and 168 hours.',
      detail = 'out_of_range',
      hint = 'Leave them out for the defaults of the job type.';
  end if;
  if
    p_schedule.starts_at not between '2000-01-01Z' and '2200-01-01Z'
    or p_schedule.ends_at not between '2000-01-01Z' and '2200-01-01Z'
    or p_schedule.next_run_at not between '2000-01-01Z' and '2200-01-01Z'
  then
    raise sqlstate 'PT422' using
      message = 'A schedule begins, runs and ends between the years 2000 and 2200.',
      detail = 'out_of_range',
      hint = 'Leave ends_at out for one without an end.';
  end if;
  if p_schedule.catch_up = 'all' and p_schedule.overlap = 'skip' then
    raise sqlstate 'PT422' using
      message = 'All that were missed come at once, and each but the first would be skipped.',
      detail = 'all_would_be_skipped',
      hint = 'With catch_up "all", send overlap "queue".';
  end if;
  if jsonb_typeof(p_schedule.params) <> 'object' then
    raise sqlstate 'PT422' using
      message = 'The params of a job are a JSON object.',
      detail = 'params_not_an_object',
      hint = 'Send {} for none.';
  end if;
end
$$;

-- Makes a schedule of these columns: {job_type, name, cron and time_zone or interval_seconds,
-- next_run_at, period_seconds, and others as they are wanted}. An interval without starts_at counts
-- from one interval before its first occurrence.
--
-- Outcomes: created | existing (it is there already, just so) | name_taken (by another one of its
-- owner, which is answered) | too_many (a user has p_max_schedules; the system has any number).
create function public.create_plan_job_schedule(
  p_user_id uuid, p_schedule jsonb, p_max_schedules integer default 100
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_new public.plan_job_schedules := jsonb_populate_record(
    null::public.plan_job_schedules,
    '{"params": {}, "priority": 5, "overlap": "skip", "catch_up": "one"}' || p_schedule
  );
  v_made public.plan_job_schedules;
  v_known public.plan_job_schedules;
  v_of_its_own text[] := '{id, user_id, paused_at, next_run_at, period_seconds, last_job_id,
    last_run_at, last_outcome, created_at, updated_at}';
begin
  perform supajobs.check_schedule(v_new);
  if p_user_id is not null then
    -- Counting and inserting are one step for each user.
    perform pg_advisory_xact_lock(hashtextextended(p_user_id::text || ':schedules', 0));
  end if;

  insert into public.plan_job_schedules (
    user_id, job_type, name, cron, time_zone, interval_seconds, params, priority, project_id,
    ttl_hours, starts_at, ends_at, overlap, catch_up, next_run_at, period_seconds
  )
  select
    p_user_id, v_new.job_type, v_new.name, v_new.cron, v_new.time_zone, v_new.interval_seconds,
    v_new.params, v_new.priority, v_new.project_id, v_new.ttl_hours,
    coalesce(
      v_new.starts_at, v_new.next_run_at - make_interval(secs => v_new.interval_seconds), now()
    ),
    v_new.ends_at, v_new.overlap, v_new.catch_up, v_new.next_run_at, v_new.period_seconds
  where
    v_new.next_run_at is not null
    and (
      p_user_id is null
      or p_max_schedules > (
        select count(*) from public.plan_job_schedules as mine where mine.user_id = p_user_id
      )
    )
  on conflict do nothing
  returning * into v_made;
  if found then
    return json_build_object('outcome', 'created', 'schedule', supajobs.describe_schedule(v_made));
  end if;

  select * into v_known from public.plan_job_schedules
  where user_id is not distinct from p_user_id and name = v_new.name;
  if not found then
    return '{"outcome": "too_many"}';
  end if;
  v_new.starts_at := coalesce(v_new.starts_at, v_known.starts_at);
  return json_build_object(
    'outcome', case to_jsonb(v_new) - v_of_its_own
      when to_jsonb(v_known) - v_of_its_own then 'existing'
      else 'name_taken'
    end,
    'schedule', supajobs.describe_schedule(v_known)
  );
end
$$;

-- Changes a schedule of a user: p_changes has the columns that are to be other, and is_paused. Who
-- changes when it runs, or resumes it, gives the next_run_at and the period_seconds that follow.
-- Outcomes: updated | not_found | name_taken.
create function public.update_plan_job_schedule(
  p_schedule_id uuid, p_user_id uuid, p_changes jsonb
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_schedule public.plan_job_schedules;
begin
  select * into v_schedule from public.plan_job_schedules
  where id = p_schedule_id and user_id is not distinct from p_user_id
  for no key update;
  if not found then
    return '{"outcome": "not_found"}';
  end if;

  v_schedule := jsonb_populate_record(v_schedule, p_changes);
  perform supajobs.check_schedule(v_schedule);
  update public.plan_job_schedules
  set
    job_type = v_schedule.job_type,
    name = v_schedule.name,
    cron = v_schedule.cron,
    time_zone = v_schedule.time_zone,
    interval_seconds = v_schedule.interval_seconds,
    params = v_schedule.params,
    priority = v_schedule.priority,
    project_id = v_schedule.project_id,
    ttl_hours = v_schedule.ttl_hours,
    starts_at = v_schedule.starts_at,
    ends_at = v_schedule.ends_at,
    overlap = v_schedule.overlap,
    catch_up = v_schedule.catch_up,
    next_run_at = v_schedule.next_run_at,
    period_seconds = v_schedule.period_seconds,
    paused_at = case (p_changes ->> 'is_paused')::boolean
      when true then coalesce(paused_at, clock_timestamp())
      when false then null
      else paused_at
    end,
    updated_at = clock_timestamp()
  where id = p_schedule_id
  returning * into v_schedule;
  return json_build_object(
    'outcome', 'updated', 'schedule', supajobs.describe_schedule(v_schedule)
  );
exception when unique_violation then
  return '{"outcome": "name_taken"}';
end
$$;

-- Ends a schedule of a user; jobs that came of it stay. Outcomes: deleted | not_found.
create function public.delete_plan_job_schedule(p_schedule_id uuid, p_user_id uuid) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  delete from public.plan_job_schedules
  where id = p_schedule_id and user_id is not distinct from p_user_id;
  return json_build_object('outcome', case when found then 'deleted' else 'not_found' end);
end
$$;

-- What is due, the longest due first, and when the next one is: {now, schedules: [{id, cron,
-- time_zone, interval_seconds, starts_at, ends_at, catch_up, next_run_at, period_seconds}],
-- has_more: whether others are due, next_due_at: when those are that are not due yet}. What
-- somebody takes at this moment is one of the others.
create function public.get_due_plan_job_schedules(
  p_max_rows integer default 100, p_without uuid[] default '{}'
) returns json
language plpgsql
volatile
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_due json;
begin
  with due as (
    select
      schedule.id, schedule.cron, schedule.time_zone, schedule.interval_seconds,
      schedule.starts_at, schedule.ends_at, schedule.catch_up, schedule.next_run_at,
      schedule.period_seconds
    from public.plan_job_schedules as schedule
    where
      schedule.paused_at is null
      and schedule.next_run_at <= v_now
      and schedule.id <> all(p_without)
    order by schedule.next_run_at
    limit p_max_rows
    for no key update skip locked
  )

  select coalesce(json_agg(due), '[]') into v_due from due;
  return json_build_object(
    'now', v_now,
    'schedules', v_due,
    'has_more', exists (
      select from public.plan_job_schedules as schedule
      where
        schedule.paused_at is null
        and schedule.next_run_at <= v_now
        and schedule.id <> all(p_without)
      offset json_array_length(v_due)
    ),
    'next_due_at', (
      select min(schedule.next_run_at) from public.plan_job_schedules as schedule
      where schedule.paused_at is null and schedule.next_run_at > v_now
    )
  );
end
$$;

-- Enqueues one occurrence; its idempotency key makes it one job, whoever asks. Answers {outcome,
-- job_id}: what enqueue_plan_job says, skipped, or the code of what is wrong with such a job. Any
-- other trouble is raised.
create function supajobs.enqueue_occurrence(
  p_schedule public.plan_job_schedules, p_occurrence timestamptz
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_params jsonb := p_schedule.params;
  v_answer json;
  v_detail text;
begin
  if
    p_schedule.overlap = 'skip'
    and exists (
      select from public.plan_generation_jobs as job
      where job.id = p_schedule.last_job_id and job.status in ('pending', 'processing')
    )
  then
    return '{"outcome": "skipped"}';
  end if;

  if v_params -> 'scheduled_for' = 'null' then
    v_params := v_params || jsonb_build_object('scheduled_for', p_occurrence);
  end if;
  if v_params -> 'time_zone' = 'null' then
    v_params := v_params || jsonb_build_object('time_zone', p_schedule.time_zone);
  end if;
  v_answer := public.enqueue_plan_job(
    p_schedule.user_id,
    p_schedule.job_type,
    v_params,
    p_schedule.priority,
    p_idempotency_key => format(
      'schedule:%s:%s',
      p_schedule.id,
      to_char(p_occurrence at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    ),
    p_project_id => p_schedule.project_id,
    p_ttl_hours => p_schedule.ttl_hours
  );
  return json_build_object(
    'outcome', v_answer ->> 'outcome', 'job_id', v_answer #>> '{job, id}'
  );
exception
  when sqlstate 'PT422' then
    get stacked diagnostics v_detail = pg_exception_detail;
    return json_build_object('outcome', v_detail);
  when data_exception or check_violation then
    return json_build_object('outcome', sqlstate);
end
$$;

-- Takes one schedule: enqueues these occurrences, as far as they are due, and moves it on to its
-- next_run_at. The one that is expected fences it: who comes second finds another.
create function supajobs.run_schedule(
  p_schedule_id uuid,
  p_expected_run_at timestamptz,
  p_occurrences timestamptz[],
  p_next_run_at timestamptz,
  p_period_seconds integer
) returns text
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_schedule public.plan_job_schedules;
  v_occurrence timestamptz;
  v_answer json := '{"outcome": "missed"}';
begin
  select * into v_schedule from public.plan_job_schedules where id = p_schedule_id;
  if not found then
    return 'stale';
  end if;
  -- The deletion of a user locks the user first, and then what is theirs.
  if not supajobs.try_lock_user(v_schedule.user_id) then
    return 'busy';
  end if;
  select * into v_schedule from public.plan_job_schedules
  where
    id = p_schedule_id
    and paused_at is null
    and next_run_at = p_expected_run_at
    and next_run_at <= v_now
  for no key update skip locked;
  if not found then
    return 'stale';
  end if;

  foreach v_occurrence in array p_occurrences loop
    if v_occurrence <= v_now then
      v_answer := supajobs.enqueue_occurrence(v_schedule, v_occurrence);
      v_schedule.last_job_id := coalesce((v_answer ->> 'job_id')::uuid, v_schedule.last_job_id);
    end if;
  end loop;

  update public.plan_job_schedules
  set
    next_run_at = p_next_run_at,
    period_seconds = coalesce(p_period_seconds, period_seconds),
    last_job_id = v_schedule.last_job_id,
    last_run_at = v_now,
    last_outcome = v_answer ->> 'outcome'
  where id = p_schedule_id;
  return v_answer ->> 'outcome';
end
$$;

-- Takes schedules that are due: p_runs is [{schedule_id, expected_run_at, occurrences: [those to
-- enqueue], next_run_at (null: it has ended), period_seconds}]. None keeps another one from being
-- taken, whatever is wrong with it.
--
-- Answers [{schedule_id, outcome}]: that of the last occurrence | missed (none was to be enqueued)
-- | stale (somebody else has taken it, or it has changed) | busy (to be taken again).
create function public.run_plan_job_schedules(p_runs jsonb) returns json
language plpgsql
volatile
set search_path = ''
set lock_timeout = '100ms' -- what somebody else has locked is busy; and never a deadlock
as $$
declare
  v_run record;
  v_outcome text;
  v_answers jsonb := '[]';
begin
  for v_run in
    select given.*
    from jsonb_to_recordset(p_runs) as given (
      schedule_id uuid,
      expected_run_at timestamptz,
      occurrences timestamptz[],
      next_run_at timestamptz,
      period_seconds integer
    )
    left join public.plan_job_schedules as schedule on given.schedule_id = schedule.id
    -- Of two calls, none has what the other one waits for: see lock_users.
    order by schedule.user_id nulls first, schedule.job_type, given.schedule_id
  loop
    begin
      v_outcome := supajobs.run_schedule(
        v_run.schedule_id, v_run.expected_run_at, v_run.occurrences, v_run.next_run_at,
        v_run.period_seconds
      );
    exception when others then
      raise warning 'supajobs: schedule % waits: % (%)', v_run.schedule_id, sqlerrm, sqlstate;
      v_outcome := 'busy';
    end;
    v_answers := v_answers
      || jsonb_build_object('schedule_id', v_run.schedule_id, 'outcome', v_outcome);
  end loop;
  return v_answers;
end
$$;

revoke all on function
public.create_plan_job_schedule,
public.update_plan_job_schedule,
public.delete_plan_job_schedule,
public.get_due_plan_job_schedules,
public.run_plan_job_schedules
from public, anon, authenticated;
grant execute on function
public.create_plan_job_schedule,
public.update_plan_job_schedule,
public.delete_plan_job_schedule,
public.get_due_plan_job_schedules,
public.run_plan_job_schedules
to service_role;
