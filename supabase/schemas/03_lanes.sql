-- Users take turns. A lane is the waiting jobs of one type and priority; a job's turn is its place
-- in its lane, fixed when it begins to wait: one after the user's last job in the lane, but not
-- before the head of the lane (start-time fair queueing). So a thousand jobs of one user hold the
-- turns 1 to 1000, and somebody else's single job comes in at the head.
--
-- Jobs without a user take turns as those of one more user.
--
-- Jobs that wait for their run_at have no turn and are in no lane; claims promote them when due.

-- Nothing keeps two requests from making one lane twice, as one would wait for the other to commit,
-- and two that make two lanes in another order for each other. Twins are one lane to all who look,
-- and the next sweep leaves one of them.
create table supajobs.lanes (
  id bigint generated always as identity primary key,
  job_type text not null,
  priority smallint not null,
  floor bigint not null default 0,
  entry bigint not null default 0
);
create index lanes_by_type on supajobs.lanes (job_type, priority);
comment on table supajobs.lanes is 'The lanes in which jobs have waited.';
comment on column supajobs.lanes.floor is
'Where claims begin to look. The sweep moves it to where the entry was.';
comment on column supajobs.lanes.entry is
'Where new jobs come in: none is given a turn below it. The sweep moves it up.';

-- The last turn of the jobs without a user in a lane, found as next_turn finds that of a user: in
-- other words, for an index finds nulls by "is null" alone.
create function supajobs.last_turn_of_nobody(
  p_job_type text, p_priority integer
) returns bigint
language plpgsql
stable
set search_path = ''
as $$
begin
  return greatest(
    (
      select latest.turn
      from (
        select job.turn, job.status, job.job_type, job.priority
        from public.plan_generation_jobs as job
        where job.user_id is null
        order by job.id desc
        limit 30
      ) as latest
      where
        latest.status = 'pending'
        and latest.job_type = p_job_type
        and latest.priority = p_priority
        and latest.turn is not null
      limit 1
    ),
    (
      select job.turn
      from public.plan_generation_jobs as job
      where
        job.status = 'pending'
        and job.run_at > job.created_at
        and job.user_id is null
        and job.job_type = p_job_type
        and job.priority = p_priority
      order by job.turn desc nulls last
      limit 1
    )
  );
end
$$;

-- The turn of a job that begins to wait now: after the user's last one in the lane, but not before
-- the first that waits from the entry on. A lane comes into being here, with its first job.
create function supajobs.next_turn(
  p_user_id uuid, p_job_type text, p_priority integer
) returns bigint
language plpgsql
volatile
set search_path = ''
-- By the ends of indexes alone, whoever calls first: its session keeps these plans, also from when
-- the queue was empty, when any plan will do.
set enable_seqscan = off
set enable_sort = off
as $$
declare
  v_entry bigint;
  v_last bigint;
begin
  select max(lane.entry) into v_entry from supajobs.lanes as lane
  where lane.job_type = p_job_type and lane.priority = p_priority;
  if v_entry is null then
    insert into supajobs.lanes (job_type, priority) values (p_job_type, p_priority);
    v_entry := 0;
  end if;
  if p_user_id is null then
    v_last := supajobs.last_turn_of_nobody(p_job_type, p_priority);
  end if;
  return greatest(
    v_entry,
    v_last + 1,
    (
      select job.turn from public.plan_generation_jobs as job
      where
        job.status = 'pending'
        and job.job_type = p_job_type
        and job.priority = p_priority
        and job.turn >= v_entry
      order by job.turn, job.id
      limit 1
    ),
    -- Of those that have waited since their request, the user's last one is looked for among the
    -- latest thirty: so it needs no index that each request would write.
    (
      select latest.turn + 1
      from (
        select job.turn, job.status, job.job_type, job.priority
        from public.plan_generation_jobs as job
        where job.user_id = p_user_id
        order by job.id desc
        limit 30
      ) as latest
      where
        latest.status = 'pending'
        and latest.job_type = p_job_type
        and latest.priority = p_priority
        and latest.turn is not null
      limit 1
    ),
    -- Those that were put off, or came again, may be of any age.
    (
      select job.turn + 1
      from public.plan_generation_jobs as job
      where
        job.status = 'pending'
        and job.run_at > job.created_at
        and job.user_id = p_user_id
        and job.job_type = p_job_type
        and job.priority = p_priority
      order by job.turn desc nulls last
      limit 1
    )
  );
end
$$;

-- Gives jobs whose run_at has come a turn, at most p_max_rows at a time: one after the other for
-- those of one user.
create function supajobs.promote_due_jobs(p_max_rows integer default 100) returns integer
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_promoted integer;
begin
  with due as (
    select
      job.id, job.user_id, job.job_type, job.priority, job.run_at,
      job.has_ties and supajobs.is_limited_by_key(job.id) as is_held
    from public.plan_generation_jobs as job
    where
      job.status = 'pending' and job.turn is null and not job.is_held and job.run_at <= v_now
    order by job.run_at
    limit p_max_rows
    for update skip locked
  ),

  users as materialized (
    select
      due.user_id, due.job_type, due.priority,
      supajobs.next_turn(due.user_id, due.job_type, due.priority) as turn,
      array_agg(due.id order by due.run_at, due.id) as job_ids
    from due
    where not due.is_held
    group by due.user_id, due.job_type, due.priority
  ),

  placed as (
    select
      waiting.id,
      users.turn - 1 + waiting.number as turn
    from users
    cross join lateral unnest(users.job_ids) with ordinality as waiting (id, number)
    union all
    select due.id, null from due
    where due.is_held
  ),

  arrived as (
    insert into supajobs.news (job_id)
    select due.id from due
    where due.is_held
  )

  update public.plan_generation_jobs as job
  set
    turn = placed.turn,
    is_held = placed.turn is null,
    waiting_for = null,
    updated_at = v_now
  from placed
  where job.id = placed.id;
  get diagnostics v_promoted = row_count;
  return v_promoted;
end
$$;

-- A job whose priority or type somebody changes leaves its lane. It is in none, and so is given a
-- turn in its new one by the next claim, as a job that has just come due. One that is held for its
-- key is from now on as urgent as it says.
create function supajobs.leave_lane() returns trigger
language plpgsql
volatile
set search_path = ''
as $$
begin
  update public.plan_generation_jobs
  set
    turn = null,
    run_at = case status when 'pending' then greatest(run_at, clock_timestamp()) else run_at end
  where id = new.id and turn is not null;
  if new.has_ties then
    update supajobs.keyed_jobs set job_type = new.job_type, priority = new.priority
    where job_id = new.id;
    insert into supajobs.news (job_id) select new.id where new.is_held;
    if new.job_type <> old.job_type then
      -- Who waits for the place that it leaves: one of its user's, and one of its project's.
      insert into supajobs.news (job_id)
      (
        select keyed.job_id from supajobs.keyed_jobs as keyed
        where
          keyed.is_waiting
          and keyed.job_type = old.job_type
          and keyed.user_id = coalesce(new.user_id, supajobs.nobody())
        limit 1
      )
      union all
      (
        select keyed.job_id from supajobs.keyed_jobs as keyed
        where
          keyed.is_waiting
          and keyed.job_type = old.job_type
          and keyed.project_id = new.project_id
        limit 1
      );
    end if;
  end if;
  return null;
end
$$;

-- After, not before: that would lock each row of every update once more.
create trigger plan_generation_jobs_leave_their_lane
after update of job_type, priority on public.plan_generation_jobs
for each row
when ((old.job_type, old.priority) is distinct from (new.job_type, new.priority))
execute function supajobs.leave_lane();
