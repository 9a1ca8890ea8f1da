-- How long do jobs run, and wait before? In seconds, of the latest jobs that completed.
select
  durations.job_type,
  durations.completed,
  round(durations.duration_p50::numeric, 1) as duration_p50,
  round(durations.duration_p95::numeric, 1) as duration_p95,
  round(durations.duration_max::numeric, 1) as duration_max,
  round(durations.wait_p50::numeric, 1) as wait_p50,
  round(durations.wait_p95::numeric, 1) as wait_p95,
  round(durations.wait_max::numeric, 1) as wait_max
from public.plan_job_durations as durations
-- where durations.job_type = 'training_plan'
order by durations.wait_p95 desc;
