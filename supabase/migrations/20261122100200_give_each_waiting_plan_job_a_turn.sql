-- Users take turns. A lane is the waiting jobs of one type and priority; a job's turn is its place
-- in its lane, fixed when it begins to wait: one after the user's last job in the lane, but not
-- before the head of the lane (start-time fair queueing). So a thousand jobs of one user hold the
-- turns 1 to 1000, and somebody else's single job comes in at the head.
--
-- Jobs that wait for their run_at have no turn and are in no lane; claims promote them when due.

create table public.plan_queue_lanes (
  job_type text not null,
  priority smallint not null,
  floor bigint not null default 0,

  primary key (job_type, priority)
);

comment on table public.plan_queue_lanes is 'The lanes in which jobs have waited.';
comment on column public.plan_queue_lanes.floor is
'Where claims begin to look; moved up by the sweep. Spares them the reading of index entries that
are dead, but cannot be removed while somebody holds an old snapshot. A job that slips in below
waits for the next sweep.';

alter table public.plan_queue_lanes enable row level security;
create policy plan_queue_lanes_closed_to_clients on public.plan_queue_lanes
for all to anon, authenticated using (false);
revoke all on table public.plan_queue_lanes from public, anon, authenticated, service_role;
grant select, insert, update on table public.plan_queue_lanes to service_role;

alter table public.plan_generation_jobs
add column turn bigint,
add column has_steps boolean not null default false;

comment on column public.plan_generation_jobs.turn is
'The place in its lane; null while it waits for its run_at.';
comment on column public.plan_generation_jobs.has_steps is
'Whether steps were saved: spares the end of the others the look.';

update public.plan_generation_jobs
set has_steps = true
where id in (select job_id from public.plan_job_steps);

update public.plan_generation_jobs as job
set turn = waiting.turn
from (
  select
    id,
    row_number() over (partition by user_id, job_type, priority order by run_at, id) as turn
  from public.plan_generation_jobs
  where status = 'pending' and run_at <= now()
) as waiting
where job.id = waiting.id;

insert into public.plan_queue_lanes (job_type, priority)
select
  job_type,
  priority
from public.plan_generation_jobs
group by job_type, priority;

drop index public.plan_generation_jobs_claimable;

-- What can be claimed, lane by lane, in the order of claiming.
create index plan_generation_jobs_claimable
on public.plan_generation_jobs (job_type, priority, turn, id)
where status = 'pending' and turn is not null;

-- What waits for its time.
create index plan_generation_jobs_scheduled
on public.plan_generation_jobs (run_at)
where status = 'pending' and turn is null;

-- The turn of the first job of a lane. A lane comes into being here, with its first job.
create function public.plan_lane_head(p_job_type text, p_priority integer) returns bigint
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_floor bigint;
begin
  select lane.floor into v_floor from public.plan_queue_lanes as lane
  where lane.job_type = p_job_type and lane.priority = p_priority;
  if not found then
    insert into public.plan_queue_lanes (job_type, priority) values (p_job_type, p_priority)
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
        and job.turn >= v_floor
      order by job.turn, job.id
      limit 1
    ),
    v_floor
  );
end
$$;

-- The turn of a job that begins to wait now.
create function public.plan_job_turn(
  p_user_id uuid, p_job_type text, p_priority integer
) returns bigint
language plpgsql
volatile
set search_path = ''
as $$
begin
  return greatest(
    public.plan_lane_head(p_job_type, p_priority),
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

revoke all on function public.plan_lane_head(text, integer) from public, anon, authenticated;
grant execute on function public.plan_lane_head(text, integer) to service_role;
revoke all on function public.plan_job_turn(uuid, text, integer)
from public, anon, authenticated;
grant execute on function public.plan_job_turn(uuid, text, integer) to service_role;
