-- How often are projects refreshed, how does it end, and how long (s) does it take? By hour.
with hours as (
  select
    generate_series(
      date_bin('1 hour', now(), 'epoch') - interval '47 hours',
      date_bin('1 hour', now(), 'epoch'),
      interval '1 hour'
    ) as hour
),

jobs as (
  select
    job.status,
    date_bin('1 hour', job.created_at, 'epoch') as hour,
    case
      when job.status = 'completed' then extract(epoch from job.completed_at - job.started_at)
    end as duration,
    not jsonb_path_exists(
      refresh.changes,
      '$ ? (
        @.percentage != @.percentage_before
        || @.added > 0 || @.removed > 0 || @.completed > 0 || @.reopened > 0
        || @.skills_added.size() > 0 || @.skills_removed.size() > 0
      )'
    ) as is_unchanged
  from public.plan_generation_jobs as job
  left join public.plan_project_refreshes as refresh on job.id = refresh.job_id
  where
    job.id >= public.plan_job_id_at(now() - interval '48 hours')
    and job.job_type in ('project_refresh', 'project_processing', 'skills_extraction')
    -- and job.user_id = '00000000-0000-0000-0000-000000000000'
)

select
  hours.hour,
  count(jobs.status) as requested,
  count(*) filter (where jobs.status in ('pending', 'processing')) as on_their_way,
  count(*) filter (where jobs.status = 'completed') as completed,
  count(*) filter (where jobs.is_unchanged) as unchanged,
  count(*) filter (where jobs.status = 'failed') as failed,
  count(*) filter (where jobs.status = 'cancelled') as cancelled,
  round(
    percentile_cont(0.5) within group (order by jobs.duration)::numeric, 1
  ) as duration_p50,
  round(
    percentile_cont(0.95) within group (order by jobs.duration)::numeric, 1
  ) as duration_p95
from hours
left join jobs on hours.hour = jobs.hour
group by hours.hour
order by hours.hour desc;
