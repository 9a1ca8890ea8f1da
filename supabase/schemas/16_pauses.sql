-- Pausing a job type, or all of them. A pause is the limit that a claim honours anyway,
-- max_running = 0, with the limit before it kept aside: a queue that is not paused pays nothing.

-- The types that a call concerns, locked in one order, so that no two calls wait for each
-- other.
create function supajobs.lock_job_types(p_job_type text) returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform from public.plan_job_types
  where p_job_type is null or job_type = p_job_type
  order by job_type
  for no key update;
  if not found and p_job_type is not null then
    raise sqlstate 'PT422' using
      message = format('There is no job type "%s".', p_job_type),
      detail = 'unknown_job_type',
      hint = 'select job_type from plan_job_types;';
  end if;
end
$$;

-- Holds jobs of a type back; without one, of all types that plan_job_types has now. A type that is
-- added later, and jobs whose type was deleted there, are not held: pause again after adding one.
-- What runs goes on to its end, requests are accepted, and check_plan_queue does not count what
-- waits. Answers {outcome: paused, job_types: [those that are now paused by this call, or were
-- before]}.
create function public.pause_plan_jobs(p_job_type text default null) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform supajobs.lock_job_types(p_job_type);

  -- Whoever sets max_running in a pause has ended it; so this one begins anew.
  update public.plan_job_types
  set paused_at = clock_timestamp(), paused_max_running = max_running, max_running = 0
  where
    (p_job_type is null or job_type = p_job_type)
    and (paused_at is null or max_running is distinct from 0);

  return json_build_object(
    'outcome', 'paused',
    'job_types', (
      select coalesce(json_agg(type.job_type order by type.job_type), '[]')
      from public.plan_job_types as type
      where p_job_type is null or type.job_type = p_job_type
    )
  );
end
$$;

-- Ends the pause of a type, or all pauses. The limit is again what it was before, or, if somebody
-- has set it in the meantime, stays what they made it. Jobs start with the next claim: a processor
-- that waits for its trigger makes one within a period of the schedule.
-- Answers {outcome: resumed, job_types: [those that were paused]}.
create function public.resume_plan_jobs(p_job_type text default null) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_resumed text[];
begin
  perform supajobs.lock_job_types(p_job_type);

  with resumed as (
    update public.plan_job_types
    set
      max_running = case max_running when 0 then paused_max_running else max_running end,
      paused_at = null,
      paused_max_running = null
    where (p_job_type is null or job_type = p_job_type) and paused_at is not null
    returning job_type
  )

  select array_agg(resumed.job_type order by resumed.job_type) into v_resumed from resumed;
  return json_build_object('outcome', 'resumed', 'job_types', coalesce(v_resumed, '{}'));
end
$$;

revoke all on function
public.pause_plan_jobs,
public.resume_plan_jobs
from public, anon, authenticated;
grant execute on function
public.pause_plan_jobs,
public.resume_plan_jobs
to service_role;
