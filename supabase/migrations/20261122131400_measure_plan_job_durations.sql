-- How long jobs wait and how long they run.

create view public.plan_job_durations with (security_invoker = true) as
with jobs as (
  select
    job.id,
    job.created_at,
    job.run_at
  from public.plan_generation_jobs as job
  where job.id >= public.plan_job_id_at(now() - interval '24 hours')
  order by job.id desc
  limit 100000
),

attempts as (
  select
    attempt.job_type,
    attempt.outcome,
    extract(epoch from attempt.ended_at - attempt.started_at) as duration,
    extract(
      epoch from attempt.started_at - greatest(
        jobs.created_at,
        jobs.run_at,
        lag(attempt.ended_at) over (partition by attempt.job_id order by attempt.started_at)
      )
    ) as wait
  from jobs
  inner join public.plan_job_attempts as attempt on jobs.id = attempt.job_id
  where attempt.job_id >= public.plan_job_id_at(now() - interval '24 hours')
),

measured as (
  select
    attempts.job_type,
    count(*) as completed,
    percentile_cont(array[0.5, 0.95]) within group (order by attempts.duration) as durations,
    max(attempts.duration)::double precision as duration_max,
    percentile_cont(array[0.5, 0.95]) within group (order by attempts.wait) as waits,
    max(attempts.wait)::double precision as wait_max
  from attempts
  where attempts.outcome = 'completed'
  group by attempts.job_type
)

select
  measured.job_type,
  measured.completed,
  measured.duration_max,
  measured.wait_max,
  measured.durations[1] as duration_p50,
  measured.durations[2] as duration_p95,
  measured.waits[1] as wait_p50,
  measured.waits[2] as wait_p95
from measured;

comment on view public.plan_job_durations is
'By type, in seconds: how long the completed attempt of a job took, and how long the job had waited
for it (since it was due, or its attempt before had ended). Of jobs that were requested in the last
24 hours, and are among the latest 100,000, and have completed; plan_jobs_active has what still
waits. Reads those jobs and their attempts, by their keys.';

revoke all on table public.plan_job_durations from public, anon, authenticated, service_role;
grant select on table public.plan_job_durations to service_role;
