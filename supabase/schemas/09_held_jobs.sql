-- Jobs that are held: pending, but without a turn, so that no claim searches past them. They wait
-- for others: for their parents, whose results they need (a flow), or for one of their user's or
-- project's jobs to end, where the type limits how many of these run at the same time.
--
-- Whoever ends such a job, or has it leave its lane, writes that down (news), waits for nobody, and
-- goes on. The next claim reads the news and lets go of what may go, one claim at a time in the
-- whole fleet: so no two can count the same thing, and two parents that end at the same moment
-- cannot both take the other for unfinished.

create table supajobs.news (
  id bigint generated always as identity primary key,
  job_id uuid not null,
  is_stuck boolean not null default false
)
with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
create index news_unread on supajobs.news (id) where not is_stuck;
comment on table supajobs.news is
'Jobs of whose end, or arrival, held ones are to hear with the next claim.';
comment on column supajobs.news.is_stuck is
'Could not be passed on; the next sweep has it tried again.';

-- The jobs of types with a limit per user or per project, until they have ended.
create table supajobs.keyed_jobs (
  job_id uuid primary key,
  job_type text not null,
  user_id uuid not null,
  project_id uuid,
  priority smallint not null,
  is_waiting boolean not null default false,
  is_admitted boolean not null default false
);
comment on table supajobs.keyed_jobs is
'Jobs of which a limited number per user or project runs at the same time.';
comment on column supajobs.keyed_jobs.user_id is
'supajobs.nobody() for jobs without a user.';
comment on column supajobs.keyed_jobs.is_admitted is
'Whether it runs, or has a turn. Those that have been admitted are counted.';
-- Each begins with its key: with the type first, each would do for either question, and a planner
-- with old statistics reads all jobs of the type to find those of one user.
create index keyed_jobs_waiting_by_user
on supajobs.keyed_jobs (user_id, job_type, priority desc, job_id) where is_waiting;
create index keyed_jobs_waiting_by_project
on supajobs.keyed_jobs (project_id, job_type, priority desc, job_id)
where is_waiting and project_id is not null;
create index keyed_jobs_admitted_by_user
on supajobs.keyed_jobs (user_id, job_type) where is_admitted;
create index keyed_jobs_admitted_by_project
on supajobs.keyed_jobs (project_id, job_type) where is_admitted and project_id is not null;

create function supajobs.is_limited_by_key(p_job_id uuid) returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (select from supajobs.keyed_jobs where job_id = p_job_id);
end
$$;

-- Has the limits of its type count for a job that came in, or that runs again, and is held. That
-- its type has some, the caller has found; should it have none any more, the job is let go.
create function supajobs.limit_by_key(p_job public.plan_generation_jobs) returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  insert into supajobs.keyed_jobs (job_id, job_type, user_id, project_id, priority)
  values (
    p_job.id, p_job.job_type, coalesce(p_job.user_id, supajobs.nobody()), p_job.project_id,
    p_job.priority
  )
  on conflict do nothing;
  insert into supajobs.news (job_id) values (p_job.id);
end
$$;

-- How many jobs of this user, or of this project, run or have a turn.
create function supajobs.count_admitted(
  p_job_type text, p_user_id uuid, p_project_id uuid
) returns integer
language plpgsql
volatile
set search_path = ''
as $$
begin
  if p_user_id is not null then
    return (
      select count(*) from supajobs.keyed_jobs
      where is_admitted and job_type = p_job_type and user_id = p_user_id
    );
  end if;
  return (
    select count(*) from supajobs.keyed_jobs
    where is_admitted and job_type = p_job_type and project_id = p_project_id
  );
end
$$;

-- Counts anew what of these jobs' users and projects runs, and admits as many more as there is room
-- for, the most urgent first; where there is room for more than a hundred of a key, the rest with
-- the next news. One that has no room in its other key is passed over, so that it keeps nobody
-- behind it.
create function supajobs.admit_keyed_jobs(p_job_ids uuid[]) returns void
language plpgsql
volatile
set search_path = ''
-- Those who wait are read in the order of their index, and no further than there is room.
set enable_sort = off
set enable_bitmapscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_told supajobs.keyed_jobs[] := array(
    select keyed from supajobs.keyed_jobs as keyed where keyed.job_id = any(p_job_ids)
  );
  v_key record;
  v_next record;
  v_room integer;
  v_has_more_room boolean;
  v_others_limit integer;
  v_other uuid;
  v_full uuid[];
  v_admitted uuid[] := '{}';
begin
  delete from supajobs.keyed_jobs as keyed
  where
    keyed.job_id = any(p_job_ids)
    and not exists (
      select from public.plan_generation_jobs as job
      where job.id = keyed.job_id and job.completed_at is null
    );
  update supajobs.keyed_jobs as keyed
  set
    is_admitted = job.status = 'processing' or job.turn is not null,
    is_waiting = job.is_held and not exists (
      select from supajobs.edges as edge
      where edge.job_id = job.id and edge.outcome is null
    )
  from public.plan_generation_jobs as job
  where keyed.job_id = any(p_job_ids) and job.id = keyed.job_id;

  for v_key in
    select distinct
      told.job_type, key.user_id, key.project_id, type.max_running_per_user,
      type.max_running_per_project
    from unnest(v_told) as told
    left join public.plan_job_types as type on told.job_type = type.job_type
    cross join lateral (
      values (told.user_id, null::uuid), (null::uuid, told.project_id)
    ) as key (user_id, project_id)
    -- Nobody waits for a key that has no limit; but as many as there are may for their other one.
    where
      case
        when key.project_id is not null then type.max_running_per_project is not null
        when key.user_id is not null
          then
            type.max_running_per_user is not null
            or num_nulls(told.project_id, type.max_running_per_project) > 0
      end
    order by told.job_type, key.user_id, key.project_id
  loop
    if v_key.user_id is not null then
      v_room := v_key.max_running_per_user
        - supajobs.count_admitted(v_key.job_type, v_key.user_id, null);
      v_others_limit := v_key.max_running_per_project;
    else
      v_room := v_key.max_running_per_project
        - supajobs.count_admitted(v_key.job_type, null, v_key.project_id);
      v_others_limit := v_key.max_running_per_user;
    end if;
    v_has_more_room := coalesce(v_room > 100, true);
    v_room := least(100, v_room);
    v_full := '{}';
    continue when v_room <= 0;

    for v_next in
      select waiting.job_id, waiting.user_id, waiting.project_id
      from (
        (
          select keyed.job_id, keyed.priority, null::uuid as user_id, keyed.project_id
          from supajobs.keyed_jobs as keyed
          where
            keyed.is_waiting
            and keyed.job_type = v_key.job_type
            and keyed.user_id = v_key.user_id
          order by keyed.priority desc, keyed.job_id
        )
        union all
        (
          select keyed.job_id, keyed.priority, keyed.user_id, null
          from supajobs.keyed_jobs as keyed
          where
            keyed.is_waiting
            and keyed.job_type = v_key.job_type
            and keyed.project_id = v_key.project_id
          order by keyed.priority desc, keyed.job_id
        )
      ) as waiting
      order by waiting.priority desc, waiting.job_id
    loop
      v_other := coalesce(v_next.user_id, v_next.project_id);
      continue when v_other = any(v_full);
      if
        v_other is not null
        and supajobs.count_admitted(v_key.job_type, v_next.user_id, v_next.project_id)
        >= v_others_limit
      then
        v_full := v_full || v_other;
        continue;
      end if;
      update supajobs.keyed_jobs set is_waiting = false, is_admitted = true
      where job_id = v_next.job_id;
      v_admitted := v_admitted || v_next.job_id;
      v_room := v_room - 1;
      if v_room = 0 then
        insert into supajobs.news (job_id) select v_next.job_id where v_has_more_room;
        exit;
      end if;
    end loop;
  end loop;

  -- One that has been cancelled meanwhile keeps its place until the next claim hears of it.
  with users as materialized (
    select
      job.user_id, job.job_type, job.priority,
      supajobs.next_turn(job.user_id, job.job_type, job.priority) as turn,
      array_agg(job.id order by job.id) as job_ids
    from public.plan_generation_jobs as job
    where job.id = any(v_admitted) and job.is_held and job.status = 'pending'
    group by job.user_id, job.job_type, job.priority
  )

  update public.plan_generation_jobs as job
  set
    is_held = false,
    run_at = greatest(job.run_at, v_now),
    turn = users.turn - 1 + admitted.number,
    updated_at = v_now
  from users
  cross join lateral unnest(users.job_ids) with ordinality as admitted (id, number)
  where job.id = admitted.id and job.is_held and job.status = 'pending';
end
$$;

-- Who waits for a limit that is edited hears of it with the next claim. So do, where one is
-- lowered, those that have a turn under what it was: a claim would start them before it reads the
-- news. One that somebody has locked is about to start.
create function supajobs.tell_of_limits() returns trigger
language plpgsql
volatile
set search_path = ''
as $$
begin
  if
    tg_op = 'UPDATE'
    and (
      new.max_running_per_user < coalesce(old.max_running_per_user, 'infinity'::float)
      or new.max_running_per_project < coalesce(old.max_running_per_project, 'infinity'::float)
    )
  then
    with admitted as (
      select job.id
      from supajobs.keyed_jobs as keyed
      inner join public.plan_generation_jobs as job on keyed.job_id = job.id
      where
        keyed.is_admitted
        and keyed.job_type = old.job_type
        and job.status = 'pending'
        and job.turn is not null
      order by job.id
      for no key update of job skip locked
    ),

    held as (
      update public.plan_generation_jobs as job
      set turn = null, is_held = true, updated_at = clock_timestamp()
      from admitted
      where job.id = admitted.id
    )

    update supajobs.keyed_jobs as keyed
    set is_admitted = false, is_waiting = true
    from admitted
    where keyed.job_id = admitted.id;
  end if;
  insert into supajobs.news (job_id)
  select job_id from supajobs.keyed_jobs where is_waiting and job_type = old.job_type;
  return null;
end
$$;

create trigger plan_job_types_tell_of_limits
after update of max_running_per_user, max_running_per_project or delete on public.plan_job_types
for each row
execute function supajobs.tell_of_limits();

-- Tells of the end of these jobs. Where that cannot be done for one, for a row that somebody has
-- locked, it is for the others; as they may all wait for that row, for half a second.
create function supajobs.pass_on(p_job_ids uuid[]) returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_until timestamptz := clock_timestamp() + interval '500 ms';
  v_job_id uuid;
begin
  perform supajobs.tell_children(p_job_ids);
  perform supajobs.admit_keyed_jobs(p_job_ids);
exception when others then
  if cardinality(p_job_ids) = 1 then
    insert into supajobs.news (job_id, is_stuck) values (p_job_ids[1], true);
    raise warning 'supajobs: the end of job % is not passed on: %', p_job_ids[1], sqlerrm;
    return;
  end if;
  -- In another order each time, so that none stays behind those that cannot.
  for v_job_id in
    select ended.id from unnest(p_job_ids) as ended (id)
    order by random()
  loop
    if clock_timestamp() < v_until then
      perform supajobs.pass_on(array[v_job_id]);
    else
      insert into supajobs.news (job_id, is_stuck) values (v_job_id, true);
    end if;
  end loop;
end
$$;

-- Who has this lock is alone with what is held: the claim that reads the news, or who has a job run
-- again whose end it may be passing on at this moment.
create function supajobs.lock_news() returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('supajobs.news', 0));
end
$$;

create function supajobs.try_lock_news() returns boolean
language plpgsql
volatile
set search_path = ''
as $$
begin
  return pg_try_advisory_xact_lock(hashtextextended('supajobs.news', 0));
end
$$;

-- Reads the news, a thousand at a time, and what these lead to. Answers whether there were any.
--
-- One claim at a time does. One that came short waits for it, for a moment: what it lets go is for
-- both to take. One that has enough (p_has_enough) waits for nobody, and reads a hundred.
create function supajobs.release_held_jobs(p_has_enough boolean default false) returns boolean
language plpgsql
volatile
set search_path = ''
set lock_timeout = '100ms'
as $$
declare
  v_job_ids uuid[];
  v_round integer := 0;
begin
  if not exists (select from supajobs.news where not is_stuck) then
    return false;
  end if;
  begin
    if not p_has_enough then
      perform supajobs.lock_news();
    elsif not supajobs.try_lock_news() then
      return true;
    end if;
  exception when lock_not_available then
    return true;
  end;
  while v_round < case when p_has_enough then 1 else 3 end loop
    with heard as (
      delete from supajobs.news
      where id = any(array(
        select unread.id from supajobs.news as unread
        where not unread.is_stuck
        order by unread.id
        limit case when p_has_enough then 100 else 1000 end
      ))
      returning job_id
    )

    select array_agg(distinct heard.job_id) into v_job_ids from heard;
    exit when v_job_ids is null;
    perform supajobs.pass_on(v_job_ids);
    v_round := v_round + 1;
  end loop;
  return true;
end
$$;
