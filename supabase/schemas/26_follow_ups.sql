-- Jobs that a running job asks for: those that are to follow it, with its completion, and others in
-- the middle of its work. Each is an entry as enqueue_plan_jobs takes it; what it does not say of
-- its user, its project and its trace is as the job has it. To read the job's result it comes after
-- that: {"after": {"text": <the job's id>}}.

create function supajobs.complete_request(
  p_request jsonb, p_job public.plan_generation_jobs
) returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_build_object(
    'user_id', p_job.user_id, 'project_id', p_job.project_id, 'trace_id', p_job.trace_id
  ) || p_request
$$;

-- What a job's user is told of an attempt that was to be followed by what is refused.
create function supajobs.tell_refused_follow_up() returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_build_object(
    'error', jsonb_build_object(
      'code', 'follow_up_refused',
      'message', 'A job that was to follow could not be requested.'
    )
  )
$$;

-- Requests the jobs that are to follow one, which is about to complete. Null; or how the attempt is
-- to end if one was refused, {retryable, not_before?, cause}: then none is to be requested.
--
-- A settle waits for nobody, nor does it here: what takes longer is lock_not_available.
create function supajobs.request_follow_ups(
  p_job public.plan_generation_jobs, p_requests jsonb
) returns jsonb
language plpgsql
volatile
set search_path = ''
set lock_timeout = '100ms'
as $$
declare
  v_refusal record;
begin
  select
    answer.told ->> 'outcome' as outcome,
    answer.told ->> 'retry_after' as retry_after,
    coalesce(answer.told ->> 'code', answer.told ->> 'outcome') as code,
    coalesce(p_requests -> (answer.place::integer - 1) ->> 'job_type', '?') as job_type,
    concat_ws(' ', answer.told ->> 'message', answer.told ->> 'hint') as reason
  into v_refusal
  from json_array_elements(
    public.enqueue_plan_jobs(
      (
        select
          coalesce(
            jsonb_agg(supajobs.complete_request(request.value, p_job) order by request.place),
            '[]'
          )
        from jsonb_array_elements(p_requests) with ordinality as request (value, place)
      )
    )
  ) with ordinality as answer (told, place)
  where answer.told ->> 'outcome' not in ('created', 'existing')
  order by answer.place
  limit 1;
  if not found then
    return null;
  end if;
  return jsonb_strip_nulls(
    jsonb_build_object(
      -- The rate limit passes by itself. A budget is there again next month, and what is wrong with
      -- the request is so then, too.
      'retryable', v_refusal.outcome = 'rate_limited',
      'not_before',
      case v_refusal.outcome when 'rate_limited' then v_refusal.retry_after::integer end,
      'cause', jsonb_build_object(
        'exception', v_refusal.code,
        'message', concat_ws(': ', v_refusal.job_type, nullif(v_refusal.reason, '')),
        'frames', '[]'::jsonb
      )
    )
  );
end
$$;

-- Requests a job in the middle of a running one, once for each name: it is kept with the steps of
-- that job, and this answers existing with the same id whenever it is asked for again. In one
-- transaction, under the claim: so no key has to stand for it.
--
-- A job of its own dedupe key is refused: it would be this one. Debounced, it comes after this one.
--
-- Outcomes: created or existing + job_id | stale (the claim no longer holds; nothing was requested)
-- | conflict | rate_limited or cost_limited + retry_after (seconds).
create function public.enqueue_plan_job_step(
  p_job_id uuid, p_claim_id uuid, p_name text, p_request jsonb
) returns json
language plpgsql
volatile
set search_path = ''
set lock_timeout = '500ms' -- who has a limit's lock may wait for this job's: then it comes again
as $$
declare
  v_job public.plan_generation_jobs;
  v_known text;
  v_answer json;
begin
  select * into v_job from public.plan_generation_jobs
  where id = p_job_id and claim_id = p_claim_id and status = 'processing'
  for no key update;
  if not found then
    return '{"outcome": "stale"}';
  end if;
  select step.output ->> 'job_id' into v_known from supajobs.steps as step
  where step.job_id = p_job_id and step.name = p_name;
  if v_known is not null then
    return json_build_object('outcome', 'existing', 'job_id', v_known);
  end if;

  v_answer := supajobs.enqueue_entry(supajobs.complete_request(p_request, v_job), '{}');
  if v_answer ->> 'outcome' not in ('created', 'existing') then
    return v_answer;
  end if;
  if (v_answer #>> '{job, id}')::uuid = p_job_id then
    raise sqlstate 'PT422' using
      message = 'A job that runs cannot stand for one of its dedupe key that it asks for.',
      detail = 'follow_up_of_itself',
      hint = 'Ask for it with the completion; or with debounce_seconds, then it runs after this one.';
  end if;
  perform public.save_plan_job_step(
    p_job_id, p_claim_id, p_name, jsonb_build_object('job_id', v_answer #> '{job, id}')
  );
  return json_build_object(
    'outcome', v_answer -> 'outcome', 'job_id', v_answer #> '{job, id}'
  );
end
$$;

revoke all on function public.enqueue_plan_job_step from public, anon, authenticated;
grant execute on function public.enqueue_plan_job_step to service_role;
