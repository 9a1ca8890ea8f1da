-- Which jobs recur, when are they due next, and what became of the last one? What is late is first.
select
  schedule.name,
  schedule.user_id,
  schedule.job_type,
  schedule.next_run_at,
  schedule.paused_at,
  schedule.last_run_at,
  schedule.last_outcome,
  job.status as last_job_status,
  coalesce(
    schedule.cron || ' ' || schedule.time_zone, 'every ' || schedule.interval_seconds || ' s'
  ) as due,
  schedule.next_run_at < now() and schedule.paused_at is null as is_late
from public.plan_job_schedules as schedule
left join public.plan_generation_jobs as job on schedule.last_job_id = job.id
-- where schedule.job_type = 'training_plan'
order by schedule.paused_at is not null, schedule.next_run_at
limit 100;
