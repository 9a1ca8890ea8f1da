-- Replaces complete_plan_jobs: what an attempt consumed goes into the ledger, in the same
-- transaction. A batch with nothing to it but results, the most of them, is answered before the
-- rest is looked at: each question costs PL/pgSQL a hundredth of the call.

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
    coalesce(json_agg(answer), '[]'),
    count(*) = jsonb_array_length(p_jobs),
    array_agg(ended.id) filter (where ended.plan_id is not null),
    array_agg(ended.id) filter (where ended.has_steps or ended.usage is not null)
  into v_answers, v_all_held, v_with_plans, v_with_costs
  from ended
  cross join lateral (
    select ended.id as job_id, ended.claim_id, ended.status as outcome
  ) as answer;

  if v_all_held and v_with_plans is null and v_with_costs is null then
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
