-- One job's whole story: all that the tables know of it, in the order in which it happened.

create view public.plan_job_timeline with (security_invoker = true) as
select
  job.id as job_id,
  job.created_at as at,
  'requested' as event,
  null as worker_id,
  jsonb_strip_nulls(
    jsonb_build_object(
      'job_type', job.job_type, 'priority', job.priority, 'user_id', job.user_id,
      'project_id', job.project_id, 'trace_id', job.trace_id
    )
  ) as details
from public.plan_generation_jobs as job
union all
select
  attempt.job_id,
  attempt.started_at as at,
  'started' as event,
  attempt.worker_id,
  '{}' as details
from public.plan_job_attempts as attempt
union all
select
  attempt.job_id,
  attempt.ended_at as at,
  attempt.outcome as event,
  attempt.worker_id,
  jsonb_strip_nulls(
    jsonb_build_object(
      'seconds', round(extract(epoch from attempt.ended_at - attempt.started_at), 1),
      'error', attempt.error, 'retry_at', attempt.retry_at, 'model', attempt.model,
      'input_tokens', attempt.input_tokens, 'output_tokens', attempt.output_tokens,
      'cost_usd', attempt.cost_usd
    )
  ) as details
from public.plan_job_attempts as attempt
union all
select
  job.id as job_id,
  job.started_at as at,
  'started' as event,
  job.worker_id,
  jsonb_strip_nulls(
    jsonb_build_object('lease_expires_at', job.lease_expires_at, 'progress', job.progress)
  ) as details
from public.plan_generation_jobs as job
where job.status = 'processing'
union all
select
  step.job_id,
  step.saved_at as at,
  'step_saved' as event,
  null as worker_id,
  jsonb_strip_nulls(
    jsonb_build_object(
      'name', step.name, 'model', step.model, 'input_tokens', step.input_tokens,
      'output_tokens', step.output_tokens, 'cost_usd', step.cost_usd
    )
  ) as details
from public.plan_job_steps as step
union all
select
  job.id as job_id,
  job.cancel_requested_at as at,
  'cancel_requested' as event,
  null as worker_id,
  '{}' as details
from public.plan_generation_jobs as job
where
  job.cancel_requested_at is not null
  and job.cancel_requested_at is distinct from job.completed_at -- else that says it
union all
select
  job.id as job_id,
  case
    when job.started_at > job.run_at then job.updated_at
    else greatest(job.run_at, job.created_at)
  end as at,
  'waiting' as event,
  null as worker_id,
  jsonb_build_object('retry_count', job.retry_count, 'crash_count', job.crash_count) as details
from public.plan_generation_jobs as job
where job.status = 'pending'
union all
-- It ended while it waited: by no attempt.
select
  job.id as job_id,
  job.completed_at as at,
  job.status as event,
  null as worker_id,
  '{}' as details
from public.plan_generation_jobs as job
left join public.plan_job_attempts as attempt
  on job.id = attempt.job_id and job.completed_at = attempt.ended_at
where job.completed_at is not null and attempt.job_id is null
union all
select
  notification.job_id,
  notification.occurred_at as at,
  'notification' as event,
  null as worker_id,
  jsonb_build_object(
    'event', notification.event, 'addressed_at', notification.addressed_at
  ) as details
from public.plan_generation_jobs as job
inner join public.plan_job_notifications as notification
  -- By the user: no index is on job_id.
  on job.user_id = notification.user_id and job.id = notification.job_id
union all
select
  notification.job_id,
  coalesce(delivery.ended_at, delivery.tried_at, delivery.run_at) as at,
  'delivery_' || delivery.status as event,
  null as worker_id,
  jsonb_strip_nulls(
    jsonb_build_object(
      'channel', delivery.channel, 'event', notification.event, 'attempts', delivery.attempts,
      'run_at', delivery.run_at, 'error', delivery.error
    )
  ) as details
from public.plan_generation_jobs as job
inner join public.plan_job_notifications as notification
  on job.user_id = notification.user_id and job.id = notification.job_id
inner join public.plan_job_deliveries as delivery on notification.id = delivery.notification_id;

comment on view public.plan_job_timeline is
'What happened to a job: ask for one job_id, order by at. Events: requested, started, how attempts
ended (completed, retrying, failed, released, cancelled, crashed), step_saved (steps go when their
job completes), cancel_requested, waiting (due since then, or until then), notification, and
delivery_ with its status. For one job it reads the rows by their keys; for all jobs, everything.';

revoke all on table public.plan_job_timeline from public, anon, authenticated, service_role;
grant select on table public.plan_job_timeline to service_role;
