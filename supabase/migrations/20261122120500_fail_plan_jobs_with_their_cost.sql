-- Replaces fail_plan_jobs: what an attempt consumed goes into the ledger, in the same transaction.

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
    insert into public.plan_job_attempts (
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
