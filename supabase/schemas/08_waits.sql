-- What suspended jobs wait for: a time, or a signal. Nothing looks at a wait while it lasts: its
-- end is the job's run_at (suspend_plan_jobs). Waits and signals are kept as steps are, until their
-- job ends well.
--
-- Both without a foreign key, as the attempts: what deletes these deletes them along.

-- A wait that a run meets again, after a crash or a retry, ends when it first would have.
create table supajobs.waits (
  job_id uuid not null,
  name text not null,
  kind text not null,
  until timestamptz not null,

  primary key (job_id, name),
  constraint waits_name_fits check (length(name) between 1 and 255),
  constraint waits_kind_known check (kind in ('sleep', 'signal'))
);
comment on table supajobs.waits is
'Until when jobs wait, or waited, by the name that their handler gave it.';

create table supajobs.signals (
  job_id uuid not null,
  name text not null,
  payload jsonb not null,
  received_at timestamptz not null,

  primary key (job_id, name),
  constraint signals_name_fits check (length(name) between 1 and 255)
);
comment on table supajobs.signals is
'What jobs were told, whether or not they have waited for it yet. The first of a name counts.';

-- How long a wait of so many seconds is: not below 0, and not above 366 days.
create function supajobs.waiting_time(p_seconds double precision) returns interval
language sql
immutable
set search_path = ''
as $$
  select make_interval(secs => greatest(0, least(366 * 86400, p_seconds)))
$$;

-- Tells a user's job what it waits for, or will wait for, with a payload of at most 16 kB. A job
-- that waits for it is due at once.
--
-- Outcomes: stored | existing (it was told that before; the payload is the one that counts)
-- | too_late (the wait is over) | finished | not_found (nobody's job, or somebody else's). With the
-- job, and in the first two cases with the payload.
--
-- The job's lock keeps its claim away until the signal is in. So a run finds it that began after
-- this was answered; and the wait is over for the one that runs if it was as that began.
create function public.signal_plan_job(
  p_job_id uuid, p_user_id uuid, p_name text, p_payload jsonb default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  -- PostgREST hands a JSON null in as none at all, and that is a payload, too.
  v_payload jsonb := coalesce(p_payload, 'null');
  v_now timestamptz;
  v_job public.plan_generation_jobs;
  v_wait supajobs.waits;
  v_known jsonb;
  v_is_held boolean;
begin
  if length(p_name) between 1 and 255 is not true then
    raise sqlstate 'PT422' using
      message = 'The name of a signal has between 1 and 255 characters.',
      detail = 'signal_name_out_of_range',
      hint = 'Give it the name that the job waits for.';
  end if;
  if octet_length(v_payload::text) > 16384 then
    raise sqlstate 'PT422' using
      message = 'The payload of a signal has at most 16 kB.',
      detail = 'signal_too_large',
      hint = 'Store it elsewhere, and send where it is.';
  end if;

  select * into v_job from public.plan_generation_jobs
  where id = p_job_id and user_id is not distinct from p_user_id
  for no key update;
  if not found then
    return '{"outcome": "not_found"}';
  end if;
  v_now := clock_timestamp();

  select payload into v_known from supajobs.signals where job_id = p_job_id and name = p_name;
  if found then
    return json_build_object(
      'outcome', 'existing', 'payload', v_known, 'job', supajobs.describe_job(v_job)
    );
  end if;
  if v_job.status not in ('pending', 'processing') then
    return json_build_object('outcome', 'finished', 'job', supajobs.describe_job(v_job));
  end if;
  select * into v_wait from supajobs.waits
  where job_id = p_job_id and name = p_name and kind = 'signal';
  if
    v_wait.until
    <= (case v_job.status when 'processing' then v_job.started_at else v_now end)
  then
    return json_build_object('outcome', 'too_late', 'job', supajobs.describe_job(v_job));
  end if;
  if
    v_wait.name is null -- what it waits for has room, whatever else it was told
    and (select count(*) from supajobs.signals where job_id = p_job_id) >= 100
  then
    raise sqlstate 'PT422' using
      message = 'A job takes at most 100 signals.',
      detail = 'too_many_signals',
      hint = 'Tell it more with each.';
  end if;

  insert into supajobs.signals (job_id, name, payload, received_at)
  values (p_job_id, p_name, v_payload, v_now);
  if v_wait.name = v_job.waiting_for then
    v_is_held := v_job.has_ties and supajobs.is_limited_by_key(p_job_id);
    update public.plan_generation_jobs
    set
      run_at = v_now,
      turn = case
        when not v_is_held then supajobs.next_turn(user_id, job_type, priority)
      end,
      is_held = v_is_held,
      waiting_for = null,
      updated_at = v_now
    where id = p_job_id
    returning * into v_job;
    insert into supajobs.news (job_id) select p_job_id where v_is_held;
  elsif not v_job.has_steps then
    update public.plan_generation_jobs set has_steps = true where id = p_job_id;
  end if;
  return json_build_object(
    'outcome', 'stored', 'payload', v_payload, 'job', supajobs.describe_job(v_job)
  );
end
$$;

revoke all on function public.signal_plan_job from public, anon, authenticated;
grant execute on function public.signal_plan_job to service_role;
