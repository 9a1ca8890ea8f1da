-- Who uses projects, and how much? refreshes, failed, seconds: of jobs of the last 24 hours.
with counted as (
  select
    project.user_id,
    count(*) as projects,
    0 as refreshes,
    0 as failed,
    0 as seconds,
    max(greatest(project.processed_at, project.skills_extracted_at)) as last_refreshed_at
  from public.plan_projects as project
  group by project.user_id
  union all
  select
    job.user_id,
    0 as projects,
    count(*) as refreshes,
    count(*) filter (where job.status = 'failed') as failed,
    0 as seconds,
    null as last_refreshed_at
  from public.plan_generation_jobs as job
  where
    job.id >= public.plan_job_id_at(now() - interval '24 hours')
    and job.job_type in ('project_refresh', 'project_processing', 'skills_extraction')
  group by job.user_id
  union all
  -- All attempts that have ended: what failed was work, too.
  select
    job.user_id,
    0 as projects,
    0 as refreshes,
    0 as failed,
    sum(extract(epoch from attempt.ended_at - attempt.started_at)) as seconds,
    null as last_refreshed_at
  from public.plan_job_attempts as attempt
  inner join public.plan_generation_jobs as job on attempt.job_id = job.id
  where
    attempt.job_id >= public.plan_job_id_at(now() - interval '24 hours')
    and attempt.job_type in ('project_refresh', 'project_processing', 'skills_extraction')
  group by job.user_id
)

select
  counted.user_id,
  sum(counted.projects) as projects,
  sum(counted.refreshes) as refreshes,
  sum(counted.failed) as failed,
  round(sum(counted.seconds), 1) as seconds,
  max(counted.last_refreshed_at) as last_refreshed_at
from counted
-- where counted.user_id = '00000000-0000-0000-0000-000000000000'
group by counted.user_id
order by seconds desc, refreshes desc, projects desc
limit 100;
