-- Ends attempts badly, any number in one call: [{job_id, claim_id, error, retryable?, retry_after?,
-- usage?}]: each job waits for its next try, or has failed. fail_plan_job is the form for one job.
--
-- The wait is retry_after seconds where the handler knows better (a provider's Retry-After; a week
-- at most), else random between 0 and min(cap, base * 2^retries so far): with the defaults up to
-- 5, 10, 20, 40 … 900 seconds. Full jitter keeps jobs that failed together from coming back
-- together.
--
-- Answers [{job_id, claim_id, outcome}], in no order: retrying + run_at | failed | cancelled
-- | stale.

drop function public.fail_plan_job(uuid, uuid, jsonb, boolean, double precision, jsonb);

create function public.fail_plan_jobs(p_jobs jsonb) returns json
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
    json_agg(
      json_strip_nulls(
        json_build_object(
          'job_id', id, 'claim_id', claim_id, 'outcome', outcome, 'run_at', retry_at
        )
      )
    ),
    count(*) = jsonb_array_length(p_jobs)
  into v_answers, v_all_held
  from ended;

  if not v_all_held then
    return public.recall_plan_job_settles(
      p_jobs, v_answers, array['retrying', 'failed', 'cancelled']
    );
  end if;
  return coalesce(v_answers, '[]');
end
$$;

create function public.fail_plan_job(
  p_job_id uuid,
  p_claim_id uuid,
  p_error jsonb,
  p_retryable boolean default true,
  p_retry_after double precision default null,
  p_usage jsonb default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  return public.fail_plan_jobs(
    jsonb_build_array(
      jsonb_build_object(
        'job_id', p_job_id,
        'claim_id', p_claim_id,
        'error', p_error,
        'retryable', p_retryable,
        'retry_after', p_retry_after,
        'usage', p_usage
      )
    )
  ) -> 0;
end
$$;

revoke all on function public.fail_plan_jobs(jsonb) from public, anon, authenticated;
grant execute on function public.fail_plan_jobs(jsonb) to service_role;
revoke all on function public.fail_plan_job(uuid, uuid, jsonb, boolean, double precision, jsonb)
from public, anon, authenticated;
grant execute on function public.fail_plan_job(
  uuid, uuid, jsonb, boolean, double precision, jsonb
) to service_role;
