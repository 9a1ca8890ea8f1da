-- What retries and crashes? One worker of many: its machine. All workers of a type: its handler.
select
  attempt.job_type,
  attempt.worker_id,
  count(*) as attempts,
  count(*) filter (where attempt.outcome = 'crashed') as crashed,
  count(*) filter (where attempt.outcome = 'retrying') as retrying,
  count(*) filter (where attempt.outcome = 'failed') as failed,
  count(*) filter (where attempt.outcome = 'released') as released,
  count(*) filter (where attempt.outcome = 'suspended') as suspended,
  max(attempt.ended_at) filter (where attempt.outcome = 'crashed') as last_crashed_at,
  -- Ids are in the order of time.
  max(attempt.job_id::text) filter (where attempt.outcome = 'crashed') as latest_crashed_job_id
from public.plan_job_attempts as attempt
where
  attempt.ended_at > now() - interval '24 hours'
  -- and attempt.job_type = 'training_plan'
group by attempt.job_type, attempt.worker_id
having count(*) filter (where attempt.outcome in ('crashed', 'retrying', 'failed')) > 0
order by crashed desc, retrying desc, failed desc
limit 100;
