-- Replaces release_plan_jobs and release_plan_job: what an attempt consumed before it was stopped
-- is on record and in the ledger, too. [{job_id, claim_id, usage?}].

drop function public.release_plan_job(uuid, uuid);

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
    insert into public.plan_job_attempts (
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

create function public.release_plan_job(
  p_job_id uuid, p_claim_id uuid, p_usage jsonb default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  return public.release_plan_jobs(
    jsonb_build_array(
      jsonb_build_object('job_id', p_job_id, 'claim_id', p_claim_id, 'usage', p_usage)
    )
  ) -> 0;
end
$$;

revoke all on function public.release_plan_job(uuid, uuid, jsonb) from public, anon, authenticated;
grant execute on function public.release_plan_job(uuid, uuid, jsonb) to service_role;
