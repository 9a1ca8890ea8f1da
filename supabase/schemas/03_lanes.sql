-- Users take turns. A lane is the waiting jobs of one type and priority; a job's turn is its place
-- in its lane, fixed when it begins to wait: one after the user's last job in the lane, but not
-- before the head of the lane (start-time fair queueing). So a thousand jobs of one user hold the
-- turns 1 to 1000, and somebody else's single job comes in at the head.
--
-- Jobs that wait for their run_at have no turn and are in no lane; claims promote them when due.

create table supajobs.lanes (
  job_type text not null,
  priority smallint not null,
  floor bigint not null default 0,
  entry bigint not null default 0,

  primary key (job_type, priority)
);
comment on table supajobs.lanes is 'The lanes in which jobs have waited.';
comment on column supajobs.lanes.floor is
'Where claims begin to look. The sweep moves it to where the entry was.';
comment on column supajobs.lanes.entry is
'Where new jobs come in: none is given a turn below it. The sweep moves it up.';

-- Where a job comes into a lane: at the turn of the first that waits from the entry on. A lane
-- comes into being here, with its first job.
create function supajobs.enter_lane(p_job_type text, p_priority integer) returns bigint
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_entry bigint;
begin
  select lane.entry into v_entry from supajobs.lanes as lane
  where lane.job_type = p_job_type and lane.priority = p_priority;
  if not found then
    insert into supajobs.lanes (job_type, priority) values (p_job_type, p_priority)
    on conflict do nothing;
    return 0;
  end if;
  return coalesce(
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
    v_entry
  );
end
$$;

-- The turn of a job that begins to wait now.
create function supajobs.next_turn(
  p_user_id uuid, p_job_type text, p_priority integer
) returns bigint
language plpgsql
volatile
set search_path = ''
as $$
begin
  return greatest(
    supajobs.enter_lane(p_job_type, p_priority),
    -- After the user's last job in the lane, if that is among their last thirty: so it needs no
    -- index of its own.
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
    )
  );
end
$$;

-- Gives jobs whose run_at has come a turn, at most p_max_rows at a time: the head of their lane
-- for the first job of each user, one more for each further one.
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
    select job.id, job.user_id, job.job_type, job.priority, job.run_at
    from public.plan_generation_jobs as job
    where job.status = 'pending' and job.turn is null and job.run_at <= v_now
    order by job.run_at
    limit p_max_rows
    for update skip locked
  ),

  placed as (
    select
      due.id,
      supajobs.enter_lane(due.job_type, due.priority) - 1 + row_number() over (
        partition by due.user_id, due.job_type, due.priority order by due.run_at, due.id
      ) as turn
    from due
  )

  update public.plan_generation_jobs as job
  set turn = placed.turn, updated_at = v_now
  from placed
  where job.id = placed.id;
  get diagnostics v_promoted = row_count;
  return v_promoted;
end
$$;
