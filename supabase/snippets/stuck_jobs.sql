-- Which running jobs should not be running any more? Each line says why, and what to do about it.
select
  stuck.job_id,
  stuck.job_type,
  stuck.worker_id,
  stuck.reason,
  stuck.since,
  stuck.what_to_do,
  stuck.started_at,
  stuck.crash_count,
  stuck.max_crashes,
  stuck.user_id,
  now() - stuck.since as stuck_for
from public.plan_jobs_stuck as stuck
-- where stuck.job_type = 'training_plan'
order by stuck.since;
