-- What becomes of each attempt at a job.
--
-- A job that has completed tells itself how: its row has the worker, the claim, the times and the
-- usage of the attempt (docs/decisions/0012-attempts-that-completed-a-job.md). All other attempts
-- are in a table, whose rows also make a settle repeatable: a worker that never heard the answer
-- asks again and is told how its claim ended.

-- Without a foreign key: its check at each insert cost more than the insert, and the settle
-- functions hold the job's lock as they write. One trigger per delete does what the key did, for
-- the cleanup as for the deletion of a user.
--
-- The key has started_at in it: a copy of a claim that arrives late may take a job again under the
-- same claim_id, and that is another attempt.
create table supajobs.unsuccessful_attempts (
  job_id uuid not null,
  claim_id uuid not null,
  job_type text not null,
  worker_id text not null,
  outcome text not null,
  error jsonb,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  retry_at timestamptz,
  usage jsonb,
  has_provider_key boolean not null default false,
  cause jsonb,

  primary key (job_id, claim_id, started_at),
  constraint unsuccessful_attempts_outcome_known check (
    outcome in ('retrying', 'failed', 'released', 'suspended', 'cancelled', 'crashed')
  ),
  constraint unsuccessful_attempts_retry_at_iff_put_off check (
    (outcome in ('retrying', 'suspended')) = (retry_at is not null)
  )
);
comment on table supajobs.unsuccessful_attempts is
'How each attempt ended that did not complete its job. plan_job_attempts shows all of them.';
comment on column supajobs.unsuccessful_attempts.outcome is
'crashed: the lease ran out and the sweep took the job away. released: given back unharmed.
suspended: it ended to wait, until retry_at or a signal.';
comment on column supajobs.unsuccessful_attempts.cause is
'What raised the error, for the people who run the queue: {exception, message, frames, cause}. Its
user reads the error, and not this.';

create function supajobs.delete_attempts() returns trigger
language plpgsql
volatile
security definer -- as a foreign key: whoever deletes a user has no rights on the queue
set search_path = ''
as $$
begin
  delete from supajobs.unsuccessful_attempts where job_id in (select id from deleted);
  delete from supajobs.edges where job_id in (select id from deleted where has_ties);
  insert into supajobs.news (job_id) select id from deleted where has_ties;
  delete from supajobs.waits where job_id in (select id from deleted);
  delete from supajobs.signals where job_id in (select id from deleted);
  return null;
end
$$;

create trigger plan_generation_jobs_take_attempts_along
after delete on public.plan_generation_jobs
referencing old table as deleted
for each statement execute function supajobs.delete_attempts();

create view public.plan_job_attempts with (security_invoker = true) as
select
  ended.job_id,
  ended.claim_id,
  ended.job_type,
  ended.worker_id,
  ended.outcome,
  ended.error,
  ended.started_at,
  ended.ended_at,
  ended.retry_at,
  ended.cause,
  ended.usage ->> 'model' as model,
  (ended.usage ->> 'input_tokens')::bigint as input_tokens,
  (ended.usage ->> 'output_tokens')::bigint as output_tokens,
  (ended.usage ->> 'cost_usd')::numeric as cost_usd
from (
  select
    attempt.job_id,
    attempt.claim_id,
    attempt.job_type,
    attempt.worker_id,
    attempt.outcome,
    attempt.error,
    attempt.started_at,
    attempt.ended_at,
    attempt.retry_at,
    attempt.cause,
    attempt.usage
  from supajobs.unsuccessful_attempts as attempt
  union all
  select
    job.id as job_id,
    job.claim_id,
    job.job_type,
    job.worker_id,
    'completed' as outcome,
    null::jsonb as error,
    job.started_at,
    job.completed_at as ended_at,
    null::timestamptz as retry_at,
    null::jsonb as cause,
    job.usage
  from public.plan_generation_jobs as job
  where job.status = 'completed'
) as ended;
comment on view public.plan_job_attempts is
'How each attempt at a job ended, who ran it, how long it took and what it cost. crashed: the lease
ran out and the sweep took the job away. released: given back unharmed. suspended: it ended to
wait, until retry_at or a signal. cause: what raised the error, {exception, message, frames, cause}.';
revoke all on table public.plan_job_attempts from public, anon, authenticated, service_role;
grant select on table public.plan_job_attempts to service_role;

-- An attempt that has just ended, whoever ended it: a settle or the sweep.
create type supajobs.ended_attempt as (
  job_id uuid,
  claim_id uuid,
  user_id uuid,
  job_type text,
  worker_id text,
  outcome text,
  error jsonb,
  started_at timestamptz,
  ended_at timestamptz,
  retry_at timestamptz,
  usage jsonb,
  has_provider_key boolean,
  cause jsonb
);

-- A cause of at most 16 kB: of a longer one, what it was called and the start of what it said.
create function supajobs.shorten_cause(p_cause jsonb) returns jsonb
language sql
immutable
strict
set search_path = ''
as $$
  select case
    when octet_length(p_cause::text) <= 16384 then p_cause
    else jsonb_build_object(
      'exception', left(p_cause ->> 'exception', 200), 'message', left(p_cause ->> 'message', 2000)
    )
  end
$$;

-- Writes down how attempts ended and what they cost. The steps, waits and signals of a job that has
-- completed have done their work. A late completion overwrites what the sweep had written of the
-- same attempt.
create function supajobs.record_attempts(p_ended supajobs.ended_attempt[]) returns void
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_completed uuid[] := array(
    select ended.job_id from unnest(p_ended) as ended where ended.outcome = 'completed'
  );
begin
  if v_completed <> '{}' then
    with waits as (
      delete from supajobs.waits where job_id = any(v_completed)
    ),

    signals as (
      delete from supajobs.signals where job_id = any(v_completed)
    )

    delete from supajobs.steps where job_id = any(v_completed);
    delete from supajobs.unsuccessful_attempts as attempt
    using unnest(p_ended) as ended
    where
      attempt.job_id = any(v_completed)
      and attempt.job_id = ended.job_id
      and attempt.claim_id = ended.claim_id
      and attempt.started_at = ended.started_at;
  end if;

  insert into supajobs.unsuccessful_attempts (
    job_id, claim_id, job_type, worker_id, outcome, error, started_at, ended_at, retry_at, usage,
    has_provider_key, cause
  )
  select
    ended.job_id, ended.claim_id, ended.job_type, ended.worker_id, ended.outcome, ended.error,
    ended.started_at, ended.ended_at, ended.retry_at, ended.usage, ended.has_provider_key,
    supajobs.shorten_cause(ended.cause)
  from unnest(p_ended) as ended
  where ended.outcome <> 'completed'
  on conflict (job_id, claim_id, started_at) do update
  set outcome = excluded.outcome, ended_at = excluded.ended_at, usage = excluded.usage;

  insert into supajobs.news (job_id)
  select job.id from public.plan_generation_jobs as job
  where job.id = any(array(select ended.job_id from unnest(p_ended) as ended)) and job.has_ties;

  if exists (select from unnest(p_ended) as ended where ended.usage is not null) then
    perform supajobs.record_costs(p_ended);
  end if;
end
$$;
