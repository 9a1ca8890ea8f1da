-- How did the jobs that failed last get there? All their attempts, the latest failure first.
with failed as (
  select
    error.job_id,
    error.ended_at as failed_at
  from public.plan_job_errors as error
  where
    error.has_failed
    -- and error.job_type = 'training_plan'
  order by error.ended_at desc
  limit 20
)

select
  failed.failed_at,
  attempt.job_id,
  attempt.job_type,
  attempt.started_at,
  attempt.worker_id,
  attempt.outcome,
  row_number() over (partition by attempt.job_id order by attempt.started_at) as attempt,
  attempt.ended_at - attempt.started_at as duration,
  attempt.error ->> 'code' as code,
  attempt.error ->> 'message' as message,
  attempt.error -> 'detail' as detail,
  attempt.cause ->> 'exception' as exception,
  attempt.cause ->> 'message' as said,
  attempt.cause -> 'frames' as frames
from failed
inner join public.plan_job_attempts as attempt on failed.job_id = attempt.job_id
where attempt.outcome <> 'completed' -- so that completed jobs are not read
order by failed.failed_at desc, attempt.job_id asc, attempt.started_at asc;
