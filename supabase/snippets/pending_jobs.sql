-- What waits, by type and priority? If the oldest gets older: start workers, or raise the limits.
select
  active.job_type,
  active.priority,
  type.max_running,
  type.starts_per_minute,
  type.paused_at,
  count(*) filter (where active.state = 'pending') as pending,
  now() - min(active.due_since) as oldest_pending,
  count(*) filter (where active.state = 'scheduled') as scheduled,
  min(active.run_at) filter (where active.state = 'scheduled') as next_run_at,
  count(*) filter (where active.state = 'processing') as processing
from public.plan_jobs_active as active
left join public.plan_job_types as type on active.job_type = type.job_type
-- where active.job_type = 'training_plan'
group by
  active.job_type, active.priority, type.max_running, type.starts_per_minute, type.paused_at
order by oldest_pending desc nulls last, active.job_type asc, active.priority desc;
