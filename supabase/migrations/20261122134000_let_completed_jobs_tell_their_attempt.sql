-- A job that has completed tells itself how: its row has the worker, the claim and the times of the
-- attempt, and now what it used. So plan_job_attempts becomes a view of those jobs and of a table
-- of all other attempts, and to complete a job no longer writes a second row. See
-- docs/decisions/0012-attempts-that-completed-a-job.md.

alter table public.plan_job_attempts rename to plan_job_unsuccessful_attempts;
alter table public.plan_job_unsuccessful_attempts
rename constraint plan_job_attempts_pkey to plan_job_unsuccessful_attempts_pkey;
alter policy plan_job_attempts_closed_to_clients on public.plan_job_unsuccessful_attempts
rename to plan_job_unsuccessful_attempts_closed_to_clients;

alter table public.plan_generation_jobs add column usage jsonb;
comment on column public.plan_generation_jobs.usage is
'What the attempt that completed the job consumed: {model, input_tokens, output_tokens, cost_usd}.';

update public.plan_generation_jobs as job
set
  usage = jsonb_strip_nulls(
    jsonb_build_object(
      'model', attempt.model, 'input_tokens', attempt.input_tokens,
      'output_tokens', attempt.output_tokens, 'cost_usd', attempt.cost_usd
    )
  )
from public.plan_job_unsuccessful_attempts as attempt
where
  job.id = attempt.job_id
  and attempt.outcome = 'completed'
  and num_nonnulls(
    attempt.model, attempt.input_tokens, attempt.output_tokens, attempt.cost_usd
  ) > 0;

delete from public.plan_job_unsuccessful_attempts where outcome = 'completed';

alter table public.plan_job_unsuccessful_attempts
drop constraint plan_job_attempts_outcome_known,
drop constraint plan_job_attempts_retry_at_iff_retrying,
add constraint plan_job_unsuccessful_attempts_outcome_known check (
  outcome in ('retrying', 'failed', 'released', 'cancelled', 'crashed')
),
add constraint plan_job_unsuccessful_attempts_retry_at_iff_retrying check (
  (outcome = 'retrying') = (retry_at is not null)
);

comment on table public.plan_job_unsuccessful_attempts is
'How each attempt ended that did not complete its job. plan_job_attempts shows all of them.';

create view public.plan_job_attempts with (security_invoker = true) as
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
  attempt.model,
  attempt.input_tokens,
  attempt.output_tokens,
  attempt.cost_usd
from public.plan_job_unsuccessful_attempts as attempt
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
  job.usage ->> 'model' as model,
  (job.usage ->> 'input_tokens')::bigint as input_tokens,
  (job.usage ->> 'output_tokens')::bigint as output_tokens,
  (job.usage ->> 'cost_usd')::numeric as cost_usd
from public.plan_generation_jobs as job
where job.status = 'completed';

comment on view public.plan_job_attempts is
'How each attempt at a job ended, who ran it, how long it took and what it cost. crashed: the lease
ran out and the sweep took the job away. released: given back unharmed.';

revoke all on table public.plan_job_attempts from public, anon, authenticated, service_role;
grant select on table public.plan_job_attempts to service_role;

-- These say `from public.plan_job_attempts` and have followed the table to its new name.
do $$
declare
  v_view text;
begin
  foreach v_view in array array[
    'plan_jobs_per_hour', 'plan_job_durations', 'plan_job_errors', 'plan_job_timeline'
  ] loop
    execute format(
      'create or replace view public.%I with (security_invoker = true) as %s',
      v_view,
      replace(
        pg_get_viewdef(format('public.%I', v_view)::regclass),
        'plan_job_unsuccessful_attempts',
        'plan_job_attempts'
      )
    );
  end loop;
end
$$;

create or replace function public.delete_plan_job_attempts() returns trigger
language plpgsql
volatile
security definer -- as a foreign key: whoever deletes a user has no rights on the queue
set search_path = ''
as $$
begin
  delete from public.plan_job_unsuccessful_attempts where job_id in (select id from deleted);
  return null;
end
$$;

-- A completed job needs nothing but its own row, and most batches are of such: they are answered
-- before the rest is looked at, for each question costs PL/pgSQL a hundredth of the call.
create or replace function public.complete_plan_jobs(p_jobs jsonb) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_answers json;
  v_all_held boolean;
  v_with_plans uuid[];
  v_with_costs uuid[];
  v_with_attempts uuid[];
begin
  with given as (
    select * from jsonb_to_recordset(p_jobs)
      as given (job_id uuid, claim_id uuid, result jsonb, plan jsonb, usage jsonb)
    order by given.job_id -- so that two batches lock their jobs in the same order
  ),

  ended as (
    update public.plan_generation_jobs as job
    set
      status = case when job.cancel_requested_at is null then 'completed' else 'cancelled' end,
      result = case when job.cancel_requested_at is null then given.result end,
      plan_id = case
        when job.cancel_requested_at is null and given.plan is not null
          then public.new_plan_job_id()
      end,
      usage = case when job.cancel_requested_at is null then given.usage end,
      error = null,
      progress = null,
      lease_expires_at = null,
      lease_lost_at = null,
      completed_at = v_now,
      expires_at = v_now + make_interval(hours => job.ttl_hours),
      updated_at = v_now
    from given
    where
      -- As an array: the jobs are then found by their key, however new the table's statistics.
      job.id = any(array(select given.job_id from given))
      and job.id = given.job_id
      and job.claim_id = given.claim_id
      and (
        job.status = 'processing'
        or (job.lease_lost_at is not null and job.status in ('pending', 'failed'))
      )
    returning
      job.id, job.claim_id, job.status, job.plan_id, job.has_steps, job.crash_count, given.usage
  )

  select
    coalesce(json_agg(answer), '[]'),
    count(*) = jsonb_array_length(p_jobs),
    array_agg(ended.id) filter (where ended.plan_id is not null),
    array_agg(ended.id) filter (where ended.has_steps or ended.usage is not null),
    array_agg(ended.id) filter (where ended.status = 'cancelled' or ended.crash_count > 0)
  into v_answers, v_all_held, v_with_plans, v_with_costs, v_with_attempts
  from ended
  cross join lateral (
    select ended.id as job_id, ended.claim_id, ended.status as outcome
  ) as answer;

  if
    v_all_held
    and v_with_plans is null
    and v_with_costs is null
    and v_with_attempts is null
  then
    return v_answers;
  end if;
  if v_with_plans is not null then
    insert into public.weekly_base_plans (id, user_id, job_id, plan)
    select distinct on (job.id) job.plan_id, job.user_id, job.id, given.plan
    from jsonb_to_recordset(p_jobs) as given (job_id uuid, claim_id uuid, plan jsonb)
    inner join public.plan_generation_jobs as job
      on given.job_id = job.id and given.claim_id = job.claim_id
    where job.id = any(v_with_plans);
  end if;
  if v_with_attempts is not null then
    -- Of a late completion the sweep had written down that it had crashed.
    delete from public.plan_job_unsuccessful_attempts as attempt
    using public.plan_generation_jobs as job
    where
      job.id = any(v_with_attempts)
      and attempt.job_id = job.id
      and attempt.claim_id = job.claim_id
      and attempt.started_at = job.started_at;
    insert into public.plan_job_unsuccessful_attempts (
      job_id, claim_id, job_type, worker_id, outcome, started_at, ended_at,
      model, input_tokens, output_tokens, cost_usd
    )
    select distinct on (job.id)
      job.id, job.claim_id, job.job_type, job.worker_id, job.status, job.started_at,
      job.completed_at, given.usage ->> 'model', (given.usage ->> 'input_tokens')::bigint,
      (given.usage ->> 'output_tokens')::bigint, (given.usage ->> 'cost_usd')::numeric
    from jsonb_to_recordset(p_jobs) as given (job_id uuid, claim_id uuid, usage jsonb)
    inner join public.plan_generation_jobs as job
      on given.job_id = job.id and given.claim_id = job.claim_id
    where job.id = any(v_with_attempts) and job.status = 'cancelled';
  end if;
  if v_with_costs is not null then
    perform public.record_plan_job_costs(v_with_costs, v_now);
    delete from public.plan_job_steps
    where job_id in (
      select id from public.plan_generation_jobs
      where id = any(v_with_costs) and status = 'completed'
    );
  end if;
  if not v_all_held then
    return public.recall_plan_job_settles(p_jobs, v_answers, array['completed', 'cancelled']);
  end if;
  return v_answers;
end
$$;

-- Below, but for the name of the table, all is as before.

create or replace function public.fail_plan_jobs(p_jobs jsonb) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_answers json;
  v_all_free boolean;
begin
  with given as (
    select * from jsonb_to_recordset(p_jobs) as given (
      job_id uuid, claim_id uuid, error jsonb, retryable boolean, retry_after double precision,
      usage jsonb
    )
    order by given.job_id -- so that two batches lock their jobs in the same order
  ),

  held as (
    select
      job.id,
      coalesce(
        given.error, '{"code": "unknown", "message": "The job failed without saying why."}'
      ) as error,
      given.usage,
      case
        when job.cancel_requested_at is not null then 'cancelled'
        when coalesce(given.retryable, true) and job.retry_count < job.max_retries then 'pending'
        else 'failed'
      end as next_status,
      v_now + make_interval(
        secs => greatest(0, least(7 * 86400, coalesce(
          given.retry_after,
          random() * least(
            job.backoff_cap_seconds, job.backoff_base_seconds * power(2, job.retry_count)
          )
        )))
      ) as retry_at
    from public.plan_generation_jobs as job
    inner join given on job.id = given.job_id and job.claim_id = given.claim_id
    where
      job.id = any(array(select given.job_id from given))
      and job.status = 'processing'
    for no key update of job
  ),

  ended as (
    update public.plan_generation_jobs as job
    set
      status = held.next_status,
      retry_count = job.retry_count + case held.next_status when 'pending' then 1 else 0 end,
      run_at = case held.next_status when 'pending' then held.retry_at else job.run_at end,
      turn = null,
      error = case when held.next_status <> 'cancelled' then held.error end,
      progress = null,
      lease_expires_at = null,
      completed_at = case when held.next_status <> 'pending' then v_now end,
      expires_at = case
        when held.next_status <> 'pending' then v_now + make_interval(hours => job.ttl_hours)
      end,
      updated_at = v_now
    from held
    where job.id = held.id
    returning
      job.id, job.claim_id, job.job_type, job.worker_id, job.started_at, held.error, held.usage,
      case job.status when 'pending' then 'retrying' else job.status end as outcome,
      case job.status when 'pending' then job.run_at end as retry_at
  ),

  attempts as (
    insert into public.plan_job_unsuccessful_attempts (
      job_id, claim_id, job_type, worker_id, outcome, error, started_at, ended_at, retry_at,
      model, input_tokens, output_tokens, cost_usd
    )
    select
      ended.id, ended.claim_id, ended.job_type, ended.worker_id, ended.outcome, ended.error,
      ended.started_at, v_now, ended.retry_at, ended.usage ->> 'model',
      (ended.usage ->> 'input_tokens')::bigint, (ended.usage ->> 'output_tokens')::bigint,
      (ended.usage ->> 'cost_usd')::numeric
    from ended
  )

  select
    coalesce(
      json_agg(
        json_strip_nulls(
          json_build_object(
            'job_id', id, 'claim_id', claim_id, 'outcome', outcome, 'run_at', retry_at
          )
        )
      ),
      '[]'
    ),
    count(*) filter (where usage is null) = jsonb_array_length(p_jobs)
  into v_answers, v_all_free
  from ended;

  if v_all_free then
    return v_answers;
  end if;
  perform public.record_plan_job_costs(
    array(select (job ->> 'job_id')::uuid from jsonb_array_elements(p_jobs) as job), v_now
  );
  return public.recall_plan_job_settles(
    p_jobs, v_answers, array['retrying', 'failed', 'cancelled']
  );
end
$$;

create or replace function public.release_plan_jobs(p_jobs jsonb) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_answers json;
  v_all_free boolean;
begin
  with given as (
    select * from jsonb_to_recordset(p_jobs) as given (job_id uuid, claim_id uuid, usage jsonb)
    order by given.job_id -- so that two batches lock their jobs in the same order
  ),

  ended as (
    update public.plan_generation_jobs as job
    set
      status = case when job.cancel_requested_at is null then 'pending' else 'cancelled' end,
      turn = greatest(job.turn, (
        select lane.floor from public.plan_queue_lanes as lane
        where lane.job_type = job.job_type and lane.priority = job.priority
      )),
      progress = null,
      lease_expires_at = null,
      completed_at = case when job.cancel_requested_at is not null then v_now end,
      expires_at = case
        when job.cancel_requested_at is not null then v_now + make_interval(hours => job.ttl_hours)
      end,
      updated_at = v_now
    from given
    where
      job.id = any(array(select given.job_id from given))
      and job.id = given.job_id
      and job.claim_id = given.claim_id
      and job.status = 'processing'
    returning
      job.id, job.claim_id, job.job_type, job.worker_id, job.started_at, given.usage,
      case job.status when 'pending' then 'released' else 'cancelled' end as outcome
  ),

  attempts as (
    insert into public.plan_job_unsuccessful_attempts (
      job_id, claim_id, job_type, worker_id, outcome, started_at, ended_at,
      model, input_tokens, output_tokens, cost_usd
    )
    select
      ended.id, ended.claim_id, ended.job_type, ended.worker_id, ended.outcome, ended.started_at,
      v_now, ended.usage ->> 'model', (ended.usage ->> 'input_tokens')::bigint,
      (ended.usage ->> 'output_tokens')::bigint, (ended.usage ->> 'cost_usd')::numeric
    from ended
  )

  select
    coalesce(
      json_agg(json_build_object('job_id', id, 'claim_id', claim_id, 'outcome', outcome)), '[]'
    ),
    count(*) filter (where usage is null) = jsonb_array_length(p_jobs)
  into v_answers, v_all_free
  from ended;

  if v_all_free then
    return v_answers;
  end if;
  perform public.record_plan_job_costs(
    array(select (job ->> 'job_id')::uuid from jsonb_array_elements(p_jobs) as job), v_now
  );
  return public.recall_plan_job_settles(p_jobs, v_answers, array['released', 'cancelled']);
end
$$;

create or replace function public.sweep_expired_plan_jobs(
  p_max_rows integer default 100
) returns integer
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_swept integer;
  v_was_slow boolean;
  v_with_usage uuid[];
begin
  -- Whoever finds the row taken leaves the sweep to its holder: no claim waits for it.
  select pause > interval '1 second' into v_was_slow
  from public.plan_queue_sweep
  where swept_at < v_now - pause
  for update skip locked;
  if not found then
    return 0;
  end if;

  -- A swept job runs again at once, unless its cancellation was asked for or it has lost its last
  -- lease.
  with expired as (
    select
      job.id,
      case
        when job.cancel_requested_at is not null then 'cancelled'
        when job.crash_count + 1 < job.max_crashes then 'pending'
        else 'failed'
      end as next_status
    from public.plan_generation_jobs as job
    where job.status = 'processing' and job.lease_expires_at < v_now
    limit p_max_rows
    for update skip locked
  ),

  swept as (
    update public.plan_generation_jobs as job
    set
      status = expired.next_status,
      crash_count = job.crash_count + 1,
      lease_expires_at = null,
      lease_lost_at = v_now,
      progress = null,
      error = case expired.next_status
        when 'failed' then jsonb_build_object(
          'code', 'worker_lost',
          'message', 'The job was stopped: its workers went silent too many times.'
        )
        else job.error
      end,
      completed_at = case when expired.next_status <> 'pending' then v_now end,
      expires_at = case
        when expired.next_status <> 'pending' then v_now + make_interval(hours => job.ttl_hours)
      end,
      updated_at = v_now
    from expired
    where job.id = expired.id
    returning
      job.id, job.claim_id, job.job_type, job.worker_id, job.status, job.started_at,
      case
        when job.has_steps
          then public.sum_plan_job_steps(job.id, job.claim_id, job.started_at)
      end as usage
  ),

  attempts as (
    insert into public.plan_job_unsuccessful_attempts (
      job_id, claim_id, job_type, worker_id, outcome, started_at, ended_at,
      model, input_tokens, output_tokens, cost_usd
    )
    select
      swept.id, swept.claim_id, swept.job_type, swept.worker_id,
      case swept.status when 'cancelled' then 'cancelled' else 'crashed' end,
      swept.started_at, v_now, swept.usage ->> 'model', (swept.usage ->> 'input_tokens')::bigint,
      (swept.usage ->> 'output_tokens')::bigint, (swept.usage ->> 'cost_usd')::numeric
    from swept
  )

  select count(*), array_agg(swept.id) filter (where swept.usage is not null)
  into v_swept, v_with_usage
  from swept;
  if v_with_usage is not null then
    perform public.record_plan_job_costs(v_with_usage, v_now);
  end if;

  delete from public.plan_job_starts where started_at <= v_now - interval '1 minute';

  update public.plan_queue_lanes as lane
  set floor = coalesce(head.turn, lane.floor + 1000000)
  from (
    select
      lane.job_type,
      lane.priority,
      (
        select job.turn from public.plan_generation_jobs as job
        where
          job.status = 'pending'
          and job.job_type = lane.job_type
          and job.priority = lane.priority
          and job.turn is not null
        order by job.turn, job.id
        limit 1
      ) as turn
    from public.plan_queue_lanes as lane
  ) as head
  where
    lane.job_type = head.job_type
    and lane.priority = head.priority
    and (lane.floor <> head.turn or (v_was_slow and head.turn is null));

  update public.plan_queue_sweep
  set
    swept_at = v_now,
    pause = least('10 s', greatest('1 s', 1000 * (clock_timestamp() - v_now)))
  where singleton;
  return v_swept;
end
$$;
