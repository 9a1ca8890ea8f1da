-- How much the queue does, and how well, hour by hour.

create view public.plan_jobs_per_hour with (security_invoker = true) as
with facts as (
  -- Every hour of every type, so that those without any are there.
  select
    type.job_type,
    null as outcome,
    generate_series(
      date_bin('1 hour', now(), 'epoch') - interval '47 hours',
      date_bin('1 hour', now(), 'epoch'),
      interval '1 hour'
    ) as hour
  from public.plan_job_types as type
  union all
  select
    attempt.job_type,
    attempt.outcome,
    date_bin('1 hour', attempt.ended_at, 'epoch') as hour
  from public.plan_job_attempts as attempt
  where attempt.ended_at >= date_bin('1 hour', now(), 'epoch') - interval '47 hours'
  union all
  -- A job also fails by its last crash.
  select
    attempt.job_type,
    'failed' as outcome,
    date_bin('1 hour', attempt.ended_at, 'epoch') as hour
  from public.plan_job_attempts as attempt
  inner join public.plan_generation_jobs as job
    on attempt.job_id = job.id and attempt.ended_at = job.completed_at
  where
    attempt.ended_at >= date_bin('1 hour', now(), 'epoch') - interval '47 hours'
    and attempt.outcome = 'crashed'
    and job.status = 'failed'
),

counted as (
  select
    facts.hour,
    facts.job_type,
    count(*) filter (where facts.outcome = 'completed') as completed,
    count(*) filter (where facts.outcome = 'failed') as failed,
    count(*) filter (where facts.outcome = 'cancelled') as cancelled,
    count(*) filter (where facts.outcome = 'retrying') as retrying,
    count(*) filter (where facts.outcome = 'released') as released,
    count(*) filter (where facts.outcome = 'crashed') as crashed
  from facts
  group by facts.hour, facts.job_type
)

select
  counted.hour,
  counted.job_type,
  counted.completed,
  counted.failed,
  counted.cancelled,
  counted.retrying,
  counted.released,
  counted.crashed,
  counted.completed::double precision
  / nullif(counted.completed + counted.failed, 0) as success_rate
from counted;

comment on view public.plan_jobs_per_hour is
'Attempts by their outcome, of each type in each of the last 48 hours (UTC; hour: when it began).
completed and failed are jobs: failed has those that failed by their last crash, too. success_rate:
completed / (completed + failed). Jobs that were cancelled before they began have no attempt, and
finished jobs that are deleted sooner (ttl_hours) are missing. Reads the attempts, all of them
(ended_at has no index).';

revoke all on table public.plan_jobs_per_hour from public, anon, authenticated, service_role;
grant select on table public.plan_jobs_per_hour to service_role;
