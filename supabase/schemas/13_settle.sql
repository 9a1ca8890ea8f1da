-- How attempts end: well, badly, or unburned. Each function takes a batch, [{job_id, claim_id, …}],
-- and answers [{job_id, claim_id, outcome, …}]. A claim that no longer holds is answered with what
-- the same settle was told the first time, or with stale: so every call may be repeated.
--
-- A settle waits for nobody: one row that somebody keeps locked would hold up the whole batch. A
-- job that is locked, or whose user is, is answered with busy: nothing was changed, ask again.

-- Whether a user is not being deleted; if so, the deletion now waits. Who ends a job and writes
-- what is its user's, a plan or costs, asks before taking the job: a deletion goes that way, too.
-- Who is no user is never deleted.
create function supajobs.try_lock_user(p_user_id uuid) returns boolean
language plpgsql
volatile
security definer -- for auth.users, of which it tells nothing more
set search_path = ''
as $$
begin
  perform from auth.users where id = p_user_id for key share skip locked;
  return found or p_user_id is null;
end
$$;

-- The same of a job's user. A job that is gone has nobody to wait for.
create function supajobs.try_lock_user_of(p_job_id uuid) returns boolean
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_user_id uuid;
begin
  select user_id into v_user_id from public.plan_generation_jobs where id = p_job_id;
  return v_user_id is null or supajobs.try_lock_user(v_user_id);
end
$$;

-- The tail of all settles: writes down the attempts that they ended, and adds to their answers
-- those for the claims that no longer held. One that holds still was passed over: it is busy.
--
-- What an attempt consumed that was taken from its worker is spent, whatever became of the job: the
-- worker still says it, here. Said again, it is the same entry. Who has the attempt locked says the
-- same, or deletes it.
create function supajobs.finish_settles(
  p_jobs jsonb,
  p_answers json,
  p_ended supajobs.ended_attempt[],
  p_outcomes text[]
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_late supajobs.ended_attempt[];
begin
  if p_ended is not null then
    perform supajobs.record_attempts(p_ended);
  end if;
  if json_array_length(p_answers) = jsonb_array_length(p_jobs) then
    return p_answers;
  end if;

  with spent as (
    select attempt.job_id, attempt.claim_id, attempt.started_at, given.usage
    from jsonb_to_recordset(p_jobs) as given (job_id uuid, claim_id uuid, usage jsonb)
    inner join supajobs.unsuccessful_attempts as attempt
      on given.job_id = attempt.job_id and given.claim_id = attempt.claim_id
    where
      given.usage is not null
      and attempt.outcome in ('crashed', 'cancelled')
      and attempt.started_at = (
        select max(latest.started_at)
        from public.plan_job_attempts as latest
        where latest.job_id = given.job_id and latest.claim_id = given.claim_id
      )
      and supajobs.try_lock_user_of(given.job_id)
    for no key update of attempt skip locked
  ),

  late as (
    update supajobs.unsuccessful_attempts as attempt
    set usage = spent.usage
    from spent
    where
      attempt.job_id = spent.job_id
      and attempt.claim_id = spent.claim_id
      and attempt.started_at = spent.started_at
    returning attempt.*
  )

  select
    array_agg(
      (
        late.job_id, late.claim_id, job.user_id, late.job_type, late.worker_id, late.outcome,
        late.error, late.started_at, late.ended_at, late.retry_at, late.usage,
        late.has_provider_key, late.cause
      )::supajobs.ended_attempt
    ) into v_late
  from late
  inner join public.plan_generation_jobs as job on late.job_id = job.id;
  if v_late is not null then
    perform supajobs.record_costs(v_late);
  end if;

  return (
    select
      json_agg(
        json_strip_nulls(
          json_build_object(
            'job_id', given.job_id,
            'claim_id', given.claim_id,
            'outcome', coalesce(answer.outcome, held.outcome, attempt.outcome, 'stale'),
            'run_at', coalesce(answer.run_at, attempt.retry_at)
          )
        )
      )
    from jsonb_to_recordset(p_jobs) as given (job_id uuid, claim_id uuid)
    left join json_to_recordset(p_answers)
      as answer (job_id uuid, claim_id uuid, outcome text, run_at timestamptz)
      on given.job_id = answer.job_id and given.claim_id = answer.claim_id
    left join lateral (
      select 'busy' as outcome
      from public.plan_generation_jobs as job
      where
        answer.outcome is null
        and job.id = given.job_id
        and job.claim_id = given.claim_id
        and (
          job.status = 'processing'
          or (
            'completed' = any(p_outcomes)
            and job.lease_lost_at is not null
            and job.status in ('pending', 'failed')
          )
        )
      limit 1
    ) as held on true
    left join lateral (
      select latest.outcome, latest.retry_at
      from public.plan_job_attempts as latest
      where
        coalesce(answer.outcome, held.outcome) is null
        and latest.job_id = given.job_id
        and latest.claim_id = given.claim_id
        and latest.outcome = any(p_outcomes)
      order by latest.started_at desc
      limit 1
    ) as attempt on true
  );
end
$$;

-- Ends jobs well: [{job_id, claim_id, result?, store?, plan?, then?, usage?}]. A plan is stored by
-- the family of training plans, whatever the job's type. What `then` has is requested with the
-- completion, or not at all: entries as enqueue_plan_jobs takes them.
--
-- Outcomes: completed | cancelled (its cancellation had been asked for; the result is dropped)
-- | stale (the claim no longer holds) | busy; and, where a function that stores failed, or a job
-- that was to follow was refused, what fail_plan_jobs answers. Paid work is not thrown away: a
-- completion whose lease was swept is still accepted while nobody else has claimed the job.
--
-- A completed job needs nothing but its own row, and most batches are of such: they are answered
-- before the rest is looked at, for each question costs PL/pgSQL a hundredth of the call.
create function public.complete_plan_jobs(p_jobs jsonb) returns json
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
  v_to_record supajobs.ended_attempt[];
begin
  with given as (
    select * from jsonb_to_recordset(p_jobs) as given (
      job_id uuid, claim_id uuid, result jsonb, store jsonb, plan jsonb, "then" jsonb, usage jsonb
    )
    -- Who has something to store comes here again when that is stored (complete_storing). A case,
    -- of which the planner expects half of the rows: expecting one, it compares all with all.
    where
      case
        when coalesce(given.store, given.plan, given."then") is not null then false
        -- Before the locks of the jobs: they come when this has been read to its end.
        else given.usage is null or supajobs.try_lock_user_of(given.job_id)
      end
  ),

  free as (
    select job.id
    from public.plan_generation_jobs as job
    -- As an array: the jobs are then found by their key, however new the table's statistics.
    where job.id = any(array(select given.job_id from given))
    for no key update skip locked
  ),

  ended as (
    update public.plan_generation_jobs as job
    set
      status = case when job.cancel_requested_at is null then 'completed' else 'cancelled' end,
      result = case when job.cancel_requested_at is null then given.result end,
      usage = case when job.cancel_requested_at is null then given.usage end,
      error = null,
      progress = null,
      lease_expires_at = null,
      lease_lost_at = null,
      is_held = false, -- it was, where it had lost its lease and was run again by hand
      completed_at = v_now,
      expires_at = v_now + make_interval(hours => job.ttl_hours),
      updated_at = v_now
    from given
    where
      job.id = any(array(select free.id from free))
      and job.id = given.job_id
      and job.claim_id = given.claim_id
      and (
        job.status = 'processing'
        or (job.lease_lost_at is not null and job.status in ('pending', 'failed'))
      )
    returning
      job.id, job.claim_id, job.status, job.user_id, job.job_type, job.worker_id, job.started_at,
      job.has_provider_key, job.has_steps, job.has_ties, given.usage,
      -- Since the attempt began it was swept, or swept and then retried by hand.
      job.crash_count > 0 or job.run_at > job.started_at as has_crashed
  )

  select
    coalesce(json_agg(answer), '[]'),
    count(*) = jsonb_array_length(p_jobs),
    array_agg(
      (
        ended.id, ended.claim_id, ended.user_id, ended.job_type, ended.worker_id, ended.status,
        null, ended.started_at, v_now, null, ended.usage, ended.has_provider_key, null
      )::supajobs.ended_attempt
    ) filter (
      where
        ended.usage is not null
        or ended.has_steps
        or ended.has_ties
        or ended.status = 'cancelled'
        or ended.has_crashed
    )
  into v_answers, v_all_held, v_to_record
  from ended
  cross join lateral (
    select ended.id as job_id, ended.claim_id, ended.status as outcome
  ) as answer;

  if v_all_held and v_to_record is null then
    return v_answers;
  end if;
  if not v_all_held then
    v_answers := supajobs.complete_storing(p_jobs, v_answers);
  end if;
  return supajobs.finish_settles(
    p_jobs, v_answers, v_to_record, array['completed', 'cancelled']
  );
end
$$;

-- Of a completion's entries, ends those that have something to store, or are to be followed; the
-- answers to them are added to those that there are.
--
-- Each is stored by itself, in a subtransaction: what fails there ends one attempt, and undoes what
-- that one has written. Afterwards nothing may fail or be undone, so the statement that completes
-- jobs then does it for all of them. See docs/decisions/0018.
create function supajobs.complete_storing(p_jobs jsonb, p_answers json) returns json
language plpgsql
volatile
set search_path = ''
-- What its caller has set is of no use to somebody else's statements.
set plan_cache_mode = 'auto'
set enable_seqscan = on
as $$
declare
  v_storing jsonb;
  v_given record;
  v_job public.plan_generation_jobs;
  -- A function that is slow would cost the next one its statement_timeout: that waits for the next
  -- call, as busy.
  v_until timestamptz := clock_timestamp() + interval '2 seconds';
  v_outcome jsonb;
  v_refusal jsonb;
  v_is_requesting boolean;
  v_stored jsonb[] := '{}';
  v_cancelled jsonb[] := '{}';
  v_failed jsonb[] := '{}';
  v_repeated json[] := '{}';
  v_answers json;
  v_state text;
  v_message text;
  v_detail text;
  v_hint text;
  v_context text;
begin
  v_storing := (
    select jsonb_agg(entry)
    from (
      select distinct on (given.job_id, given.claim_id) each.entry
      from jsonb_array_elements(p_jobs) as each (entry)
      cross join lateral jsonb_to_record(each.entry)
        as given (job_id uuid, claim_id uuid, store jsonb, plan jsonb, "then" jsonb)
      where coalesce(given.store, given.plan, given."then") is not null
      order by given.job_id, given.claim_id
    ) as storing
  );
  if v_storing is null then
    return p_answers;
  end if;

  for v_given in
    select * from jsonb_to_recordset(v_storing) as given (
      job_id uuid, claim_id uuid, result jsonb, store jsonb, plan jsonb, "then" jsonb, usage jsonb
    )
  loop
    exit when clock_timestamp() > v_until;
    continue when not supajobs.try_lock_user_of(v_given.job_id);
    select * into v_job
    from public.plan_generation_jobs as job
    where
      job.id = v_given.job_id
      and job.claim_id = v_given.claim_id
      and (
        job.status = 'processing'
        or (job.lease_lost_at is not null and job.status in ('pending', 'failed'))
      )
    for no key update skip locked;
    if not found then
      -- Where this call's like has failed it, and nobody heard: the same answer.
      v_repeated := v_repeated || array(
        select
          json_strip_nulls(
            json_build_object(
              'job_id', attempt.job_id,
              'claim_id', attempt.claim_id,
              'outcome', attempt.outcome,
              'run_at', attempt.retry_at
            )
          )
        from supajobs.unsuccessful_attempts as attempt
        where
          attempt.job_id = v_given.job_id
          and attempt.claim_id = v_given.claim_id
          and attempt.outcome in ('retrying', 'failed')
          and attempt.error ->> 'code' in (
            'store_failed', 'nothing_stores_it', 'follow_up_refused'
          )
          and not exists (
            select from public.plan_generation_jobs as job
            where
              job.id = v_given.job_id
              and job.claim_id = v_given.claim_id
              and job.status in ('processing', 'completed', 'cancelled')
          )
        order by attempt.started_at desc
        limit 1
      );
      continue;
    end if;
    if v_job.cancel_requested_at is not null then
      v_cancelled := v_cancelled || jsonb_build_object(
        'job_id', v_job.id, 'claim_id', v_job.claim_id, 'usage', v_given.usage
      );
      continue;
    end if;

    v_is_requesting := false;
    v_refusal := null;
    begin
      v_outcome := supajobs.store_outcome(v_job, v_given.result, v_given.plan, v_given.store);
      if v_outcome ->> 'plan_id' is not null then
        update public.plan_generation_jobs set plan_id = (v_outcome ->> 'plan_id')::uuid
        where id = v_job.id;
      end if;
      if v_given."then" is not null then
        v_is_requesting := true;
        -- It completes with this: what follows may have its dedupe key, and it stands for none.
        update public.plan_generation_jobs
        set dedupe_key = supajobs.dedupe_key_of(v_job) || ':handed on:' || id
        where id = v_job.id and dedupe_key is not null;
        v_refusal := supajobs.request_follow_ups(v_job, v_given."then");
        if v_refusal is not null then
          raise exception using message = 'What is stored by now is to be undone.';
        end if;
      end if;
      v_stored := v_stored || (
        jsonb_build_object('job_id', v_job.id, 'claim_id', v_job.claim_id, 'usage', v_given.usage)
        || v_outcome
      );
    exception when query_canceled or assert_failure or others then
      get stacked diagnostics
        v_state = returned_sqlstate,
        v_message = message_text,
        v_detail = pg_exception_detail,
        v_hint = pg_exception_hint,
        v_context = pg_exception_context;
      -- Somebody has what it needs, or was faster each time: busy.
      continue when v_is_requesting and v_state in ('55P03', 'PT503');
      if v_given.plan is not null and not v_is_requesting then
        raise; -- as ever: who hands in plans is told so by the call
      end if;
      v_failed := v_failed || (
        jsonb_build_object('job_id', v_job.id, 'claim_id', v_job.claim_id, 'usage', v_given.usage)
        || coalesce(
          v_refusal,
          supajobs.describe_failed_store(v_state, v_message, v_detail, v_hint, v_context)
        )
        || case
          when v_is_requesting then supajobs.tell_refused_follow_up()
          else '{}'
        end
      );
      -- A statement times out but once: nothing bounds what would come now.
      exit when v_state = '57014';
    end;
  end loop;

  v_answers := public.complete_plan_jobs(to_jsonb(v_stored));
  if
    exists (
      select from json_array_elements(v_answers) as answer
      where answer ->> 'outcome' <> 'completed'
    )
  then
    raise sqlstate 'PT409' using
      message = 'A function that was to store what a job came to has changed that job.',
      detail = 'store_changed_job',
      hint = 'See to it that no plan_job_types.stored_by touches plan_generation_jobs.';
  end if;
  return (
    select coalesce(json_agg(answer), '[]')
    from (
      select json_array_elements(p_answers) as answer
      union all
      select json_array_elements(v_answers)
      union all
      select json_array_elements(public.complete_plan_jobs(to_jsonb(v_cancelled)))
      union all
      select json_array_elements(supajobs.stop_attempts(to_jsonb(v_failed), p_unburned => false))
      union all
      select unnest(v_repeated)
    ) as told
  );
end
$$;

-- Ends attempts without a result: as failures, or given back. What is given back (p_unburned)
-- counts as neither error nor crash, and keeps its turn, unless that is below the entry by now.
create function supajobs.stop_attempts(p_jobs jsonb, p_unburned boolean) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_answers json;
  v_ended supajobs.ended_attempt[];
begin
  with given as (
    select * from jsonb_to_recordset(p_jobs) as given (
      job_id uuid, claim_id uuid, error jsonb, retryable boolean, retry_after double precision,
      not_before double precision, usage jsonb, cause jsonb
    )
    where
      given.usage is null
      or supajobs.try_lock_user_of(given.job_id)
  ),

  held as (
    select
      job.id,
      given.usage,
      given.cause,
      case
        when job.cancel_requested_at is not null then 'cancelled'
        when p_unburned then 'released'
        when coalesce(given.retryable, true) and job.retry_count < job.max_retries then 'retrying'
        else 'failed'
      end as outcome,
      case when not p_unburned then coalesce(
        given.error, '{"code": "unknown", "message": "The job failed without saying why."}'
      ) end as error,
      v_now + make_interval(
        secs => greatest(0, least(7 * 86400, coalesce(
          given.retry_after,
          greatest(
            given.not_before,
            random() * least(
              job.backoff_cap_seconds, job.backoff_base_seconds * power(2, job.retry_count)
            )
          )
        )))
      ) as retry_at
    from public.plan_generation_jobs as job
    inner join given on job.id = given.job_id and job.claim_id = given.claim_id
    where
      job.id = any(array(select given.job_id from given))
      and job.status = 'processing'
    for no key update of job skip locked
  ),

  ended as (
    update public.plan_generation_jobs as job
    set
      status = case
        when held.outcome in ('retrying', 'released') then 'pending' else held.outcome
      end,
      retry_count = job.retry_count + case held.outcome when 'retrying' then 1 else 0 end,
      run_at = case held.outcome when 'retrying' then held.retry_at else job.run_at end,
      turn = case
        when p_unburned then greatest(job.turn, (
          select max(lane.entry) from supajobs.lanes as lane
          where lane.job_type = job.job_type and lane.priority = job.priority
        ))
      end,
      error = case
        when p_unburned then job.error
        when held.outcome <> 'cancelled' then held.error
      end,
      progress = null,
      lease_expires_at = null,
      completed_at = case when held.outcome in ('failed', 'cancelled') then v_now end,
      expires_at = case
        when held.outcome in ('failed', 'cancelled')
          then v_now + make_interval(hours => job.ttl_hours)
      end,
      updated_at = v_now
    from held
    where job.id = held.id
    returning
      job.id, job.claim_id, job.user_id, job.job_type, job.worker_id, job.started_at,
      job.has_provider_key, held.outcome, held.usage, held.cause,
      held.error,
      case held.outcome when 'retrying' then held.retry_at end as retry_at
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
    array_agg(
      (
        id, claim_id, user_id, job_type, worker_id, outcome, error, started_at, v_now, retry_at,
        usage, has_provider_key, cause
      )::supajobs.ended_attempt
    )
  into v_answers, v_ended
  from ended;

  return supajobs.finish_settles(
    p_jobs,
    v_answers,
    v_ended,
    array['cancelled'] || case
      when p_unburned then array['released'] else array['retrying', 'failed']
    end
  );
end
$$;

-- Ends attempts badly: a job waits for its next try, or has failed. [{job_id, claim_id, error,
-- retryable?, retry_after?, not_before?, usage?, cause?}]. The error is for the user. The cause is
-- for the people who run the queue: {exception, message, frames, cause}, 16 kB at most.
--
-- The wait is random between 0 and min(cap, base * 2^retries so far): with the defaults up to 5,
-- 10, 20, 40 … 900 seconds. Full jitter keeps jobs that failed together from coming back together.
-- It is no less than not_before seconds, where somebody asked for them (a provider's Retry-After),
-- and just retry_after seconds where the handler knows better; a week at most.
--
-- Outcomes: retrying + run_at | failed | cancelled | stale | busy.
create function public.fail_plan_jobs(p_jobs jsonb) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  return supajobs.stop_attempts(p_jobs, p_unburned => false);
end
$$;

-- Gives jobs back unburned (shutdown, time budget): [{job_id, claim_id, usage?}].
-- Outcomes: released | cancelled | stale | busy.
create function public.release_plan_jobs(p_jobs jsonb) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  return supajobs.stop_attempts(p_jobs, p_unburned => true);
end
$$;

-- Ends attempts that wait: [{job_id, claim_id, kind, name?, seconds, usage?}]. The kinds: sleep for
-- a time, signal until somebody sends it or the time is over, and snooze, which has no name and
-- begins anew each time. 366 days at most. It counts as neither error nor crash.
--
-- Outcomes: suspended + run_at | cancelled | stale | busy. A job is due at once whose wait is over,
-- or whose signal is there.
create function public.suspend_plan_jobs(p_jobs jsonb) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz;
  v_held uuid[];
  v_answers json;
  v_ended supajobs.ended_attempt[];
begin
  -- Locked by a statement of their own: what was signalled until then, those that follow see.
  with given as (
    select * from jsonb_to_recordset(p_jobs) as given (job_id uuid, claim_id uuid, usage jsonb)
    where given.usage is null or supajobs.try_lock_user_of(given.job_id)
  ),

  held as (
    select job.id
    from public.plan_generation_jobs as job
    inner join given on job.id = given.job_id and job.claim_id = given.claim_id
    where
      job.id = any(array(select given.job_id from given))
      and job.status = 'processing'
    for no key update of job skip locked
  )

  select coalesce(array_agg(held.id), '{}') into v_held from held;
  v_now := clock_timestamp();

  insert into supajobs.waits (job_id, name, kind, until)
  select
    given.job_id, given.name, given.kind, v_now + supajobs.waiting_time(given.seconds)
  from jsonb_to_recordset(p_jobs) as given (
    job_id uuid, claim_id uuid, kind text, name text, seconds double precision
  )
  inner join public.plan_generation_jobs as job
    on given.job_id = job.id and given.claim_id = job.claim_id
  where job.id = any(v_held) and given.name is not null
  on conflict do nothing;

  with given as (
    select * from jsonb_to_recordset(p_jobs) as given (
      job_id uuid, claim_id uuid, kind text, name text, seconds double precision, usage jsonb
    )
  ),

  due as (
    select
      given.job_id,
      given.claim_id,
      given.name,
      given.usage,
      case
        when given.kind = 'signal' and signal.job_id is not null then v_now
        else greatest(v_now, coalesce(wait.until, v_now + supajobs.waiting_time(given.seconds)))
      end as run_at
    from given
    left join supajobs.waits as wait
      on given.job_id = wait.job_id and given.name = wait.name
    left join supajobs.signals as signal
      on given.job_id = signal.job_id and given.name = signal.name
    where given.job_id = any(v_held)
  ),

  ended as (
    update public.plan_generation_jobs as job
    set
      status = case when job.cancel_requested_at is null then 'pending' else 'cancelled' end,
      run_at = case when job.cancel_requested_at is null then due.run_at else job.run_at end,
      turn = null,
      waiting_for = case
        when job.cancel_requested_at is null and due.run_at > v_now then due.name
      end,
      has_steps = job.has_steps or due.name is not null,
      progress = null,
      lease_expires_at = null,
      completed_at = case when job.cancel_requested_at is not null then v_now end,
      expires_at = case
        when job.cancel_requested_at is not null
          then v_now + make_interval(hours => job.ttl_hours)
      end,
      updated_at = v_now
    from due
    where job.id = any(v_held) and job.id = due.job_id and job.claim_id = due.claim_id
    returning
      job.id, job.claim_id, job.user_id, job.job_type, job.worker_id, job.started_at,
      job.has_provider_key, due.usage,
      case job.status when 'pending' then 'suspended' else 'cancelled' end as outcome,
      case job.status when 'pending' then job.run_at end as retry_at
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
    array_agg(
      (
        id, claim_id, user_id, job_type, worker_id, outcome, null, started_at, v_now, retry_at,
        usage, has_provider_key, null
      )::supajobs.ended_attempt
    )
  into v_answers, v_ended
  from ended;

  return supajobs.finish_settles(p_jobs, v_answers, v_ended, array['suspended', 'cancelled']);
end
$$;

revoke all on function
public.complete_plan_jobs,
public.fail_plan_jobs,
public.release_plan_jobs,
public.suspend_plan_jobs
from public, anon, authenticated;
grant execute on function
public.complete_plan_jobs,
public.fail_plan_jobs,
public.release_plan_jobs,
public.suspend_plan_jobs
to service_role;
