-- Ends jobs well, any number in one call: [{job_id, claim_id, result?, plan?, usage?}]. The plan
-- and the attempt of each are written in the same transaction. complete_plan_job is the form for
-- one job.
--
-- Answers [{job_id, claim_id, outcome}], in no order: completed | cancelled (its cancellation had
-- been asked for; the result is dropped) | stale (the claim no longer holds). Paid work is not
-- thrown away: a completion whose lease was swept is still accepted while nobody else has claimed
-- the job.

drop function public.complete_plan_job(uuid, uuid, jsonb, jsonb, jsonb);
drop function public.recall_plan_job_settle(uuid, uuid, text[]);

-- Adds to the answers of a settle those for the claims that no longer held: what the same settle
-- was told the first time, or stale.
create function public.recall_plan_job_settles(
  p_jobs jsonb, p_answers json, p_outcomes text[]
) returns json
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select
      json_agg(
        json_strip_nulls(
          json_build_object(
            'job_id', given.job_id,
            'claim_id', given.claim_id,
            'outcome', coalesce(answer.outcome, attempt.outcome, 'stale'),
            'run_at', coalesce(answer.run_at, attempt.retry_at)
          )
        )
      )
    from jsonb_to_recordset(p_jobs) as given (job_id uuid, claim_id uuid)
    left join json_to_recordset(p_answers)
      as answer (job_id uuid, claim_id uuid, outcome text, run_at timestamptz)
      on given.job_id = answer.job_id and given.claim_id = answer.claim_id
    left join lateral (
      select latest.outcome, latest.retry_at
      from public.plan_job_attempts as latest
      where
        answer.outcome is null
        and latest.job_id = given.job_id
        and latest.claim_id = given.claim_id
        and latest.outcome = any(p_outcomes)
      order by latest.started_at desc
      limit 1
    ) as attempt on true
  );
end
$$;

revoke all on function public.recall_plan_job_settles(jsonb, json, text[])
from public, anon, authenticated;
grant execute on function public.recall_plan_job_settles(jsonb, json, text[]) to service_role;

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
  v_with_plans uuid[];
  v_with_steps uuid[];
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
      job.id, job.claim_id, job.job_type, job.worker_id, job.status, job.started_at, job.plan_id,
      job.has_steps, given.usage
  ),

  attempts as (
    insert into public.plan_job_attempts (
      job_id, claim_id, job_type, worker_id, outcome, started_at, ended_at,
      model, input_tokens, output_tokens, cost_usd
    )
    select
      ended.id, ended.claim_id, ended.job_type, ended.worker_id, ended.status, ended.started_at,
      v_now, ended.usage ->> 'model', (ended.usage ->> 'input_tokens')::bigint,
      (ended.usage ->> 'output_tokens')::bigint, (ended.usage ->> 'cost_usd')::numeric
    from ended
    -- The sweep had written it down as crashed.
    on conflict (job_id, claim_id, started_at) do update
    set
      outcome = excluded.outcome,
      ended_at = excluded.ended_at,
      model = excluded.model,
      input_tokens = excluded.input_tokens,
      output_tokens = excluded.output_tokens,
      cost_usd = excluded.cost_usd
  )

  select
    json_agg(answer),
    count(*) = jsonb_array_length(p_jobs),
    array_agg(ended.id) filter (where ended.plan_id is not null),
    array_agg(ended.id) filter (where ended.has_steps and ended.status = 'completed')
  into v_answers, v_all_held, v_with_plans, v_with_steps
  from ended
  cross join lateral (
    select ended.id as job_id, ended.claim_id, ended.status as outcome
  ) as answer;

  if v_with_plans is not null then
    insert into public.weekly_base_plans (id, user_id, job_id, plan)
    select distinct on (job.id) job.plan_id, job.user_id, job.id, given.plan
    from jsonb_to_recordset(p_jobs) as given (job_id uuid, claim_id uuid, plan jsonb)
    inner join public.plan_generation_jobs as job
      on given.job_id = job.id and given.claim_id = job.claim_id
    where job.id = any(v_with_plans);
  end if;
  if v_with_steps is not null then
    delete from public.plan_job_steps where job_id = any(v_with_steps);
  end if;
  if not v_all_held then
    return public.recall_plan_job_settles(p_jobs, v_answers, array['completed', 'cancelled']);
  end if;
  return coalesce(v_answers, '[]');
end
$$;

create function public.complete_plan_job(
  p_job_id uuid,
  p_claim_id uuid,
  p_result jsonb default null,
  p_plan jsonb default null,
  p_usage jsonb default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  return public.complete_plan_jobs(
    jsonb_build_array(
      jsonb_build_object(
        'job_id', p_job_id,
        'claim_id', p_claim_id,
        'result', p_result,
        'plan', p_plan,
        'usage', p_usage
      )
    )
  ) -> 0;
end
$$;

revoke all on function public.complete_plan_jobs(jsonb) from public, anon, authenticated;
grant execute on function public.complete_plan_jobs(jsonb) to service_role;
revoke all on function public.complete_plan_job(uuid, uuid, jsonb, jsonb, jsonb)
from public, anon, authenticated;
grant execute on function public.complete_plan_job(uuid, uuid, jsonb, jsonb, jsonb)
to service_role;
