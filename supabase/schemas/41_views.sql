-- What the people who run the queue look at in the dashboard: what waits and runs, what of it
-- should not be running any more, what goes wrong, how much and how fast, and one job's story.

create view public.plan_jobs_active with (security_invoker = true) as
select
  job.id as job_id,
  job.user_id,
  job.job_type,
  job.priority,
  job.created_at,
  job.run_at,
  job.retry_count,
  job.crash_count,
  job.trace_id,
  case
    when job.is_held then 'held'
    when job.status = 'pending' and job.run_at > now() then 'scheduled'
    else job.status
  end as state,
  case
    when job.status = 'processing' or job.is_held or job.run_at > now() then null
    when job.started_at > job.run_at then job.updated_at
    else greatest(job.run_at, job.created_at)
  end as due_since
from public.plan_generation_jobs as job
where
  -- All that is pending, in the words of the three indexes that have it between them.
  (job.status = 'pending' and job.turn is not null)
  or (job.status = 'pending' and job.turn is null and not job.is_held)
  or (job.status = 'pending' and job.is_held)
  or job.status = 'processing';
comment on view public.plan_jobs_active is
'Jobs that have not ended. state: pending (due), scheduled (waits for its run_at), held (waits
for other jobs) or processing. due_since: when it was due, or given back by a worker. Reads what
waits and runs, by their indexes; finished jobs cost nothing.';
revoke all on table public.plan_jobs_active from public, anon, authenticated, service_role;
grant select on table public.plan_jobs_active to service_role;

create view public.plan_jobs_stuck with (security_invoker = true) as
with running as (
  select
    job.id,
    job.user_id,
    job.job_type,
    job.worker_id,
    job.started_at,
    job.lease_seconds,
    job.lease_expires_at,
    job.max_runtime_seconds,
    job.crash_count,
    job.max_crashes,
    job.started_at + make_interval(secs => job.max_runtime_seconds) as deadline
  from public.plan_generation_jobs as job
  where job.status = 'processing'
),

judged as (
  select
    running.*,
    case
      -- Heartbeats extend a lease until one lease after the deadline: who has come that far was
      -- not silent, but late.
      when
        running.lease_expires_at < now()
        and running.lease_expires_at < running.deadline
        + make_interval(secs => running.lease_seconds)
        then 'lease_expired'
      when running.deadline < now() then 'over_max_runtime'
    end as reason
  from running
)

select
  judged.id as job_id,
  judged.user_id,
  judged.job_type,
  judged.worker_id,
  judged.started_at,
  judged.lease_expires_at,
  judged.max_runtime_seconds,
  judged.crash_count,
  judged.max_crashes,
  judged.reason,
  case judged.reason
    when 'lease_expired' then judged.lease_expires_at
    else judged.deadline
  end as since,
  case judged.reason
    when 'lease_expired'
      then
        'Its worker went silent. Claims take it back within ten seconds: start `supajobs work`, '
        || 'or check the schedule (cron.job_run_details). If workers claim and it stays, look for '
        || 'who holds it locked (pg_stat_activity).'
    else
      'Its worker did not stop it in time: look into the log of that worker, or restart it. Claims '
      || 'take the job back once its lease is over.'
  end as what_to_do
from judged
where judged.reason is not null;
comment on view public.plan_jobs_stuck is
'Running jobs that should not be running any more. reason: lease_expired (the worker went silent) or
over_max_runtime (it sent heartbeats, but did not stop the job); since: when that came to be. A job
whose lease ran out seconds ago is here until the next sweep. Reads what runs, by its index.';
revoke all on table public.plan_jobs_stuck from public, anon, authenticated, service_role;
grant select on table public.plan_jobs_stuck to service_role;

-- A message without what differs from job to job, so that the same error of a thousand jobs is one
-- line: what is quoted becomes '…', a uuid, or another word of 16 characters or more with a digit
-- in it, <id>, and a number <n>.
create function supajobs.error_pattern(p_message text) returns text
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
declare
  v_pattern text := left(p_message, 500);
begin
  -- A quote within a word is an apostrophe.
  v_pattern := regexp_replace(
    v_pattern, $re$(?<!\w)'[^']*'(?!\w)|"[^"]*"|`[^`]*`|“[^”]*”$re$, '''…''', 'g'
  );
  v_pattern := regexp_replace(
    v_pattern, '\m([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=\w*\d)\w{16,})\M', '<id>', 'gi'
  );
  return regexp_replace(v_pattern, '\d+([.,:]\d+)*', '<n>', 'g');
end
$$;

create view public.plan_job_errors with (security_invoker = true) as
select
  attempt.job_id,
  job.user_id,
  attempt.job_type,
  attempt.worker_id,
  attempt.outcome,
  attempt.ended_at,
  attempt.cause,
  job.status = 'failed' and job.completed_at = attempt.ended_at as has_failed,
  coalesce(attempt.error ->> 'code', 'worker_lost') as code,
  coalesce(attempt.error ->> 'message', 'The worker went silent.') as message,
  supajobs.error_pattern(
    coalesce(attempt.error ->> 'message', 'The worker went silent.')
  ) as pattern
from public.plan_job_attempts as attempt
inner join public.plan_generation_jobs as job on attempt.job_id = job.id
where attempt.outcome in ('retrying', 'failed', 'crashed');
comment on view public.plan_job_errors is
'Attempts that ended in an error or a crash, with the pattern of the message, and the cause, which
users do not see. has_failed: the job failed with it, and was not requested again since; otherwise
it had another attempt. As far back as finished jobs are kept. Reads the attempts, all of them
(ended_at has no index), and the jobs of
those that went wrong.';
revoke all on table public.plan_job_errors from public, anon, authenticated, service_role;
grant select on table public.plan_job_errors to service_role;

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
    count(*) filter (where facts.outcome = 'suspended') as suspended,
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
  counted.suspended,
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

-- How long jobs wait and how long they run.
create view public.plan_job_durations with (security_invoker = true) as
with jobs as (
  select
    job.id,
    job.job_type,
    job.created_at,
    job.run_at,
    job.started_at,
    job.completed_at
  from public.plan_generation_jobs as job
  where
    job.status = 'completed'
    and job.completed_at >= now() - interval '24 hours'
    and job.id >= public.plan_job_id_at(now() - interval '24 hours')
  order by job.completed_at desc
  limit 10000
),

attempts as (
  select
    jobs.job_type,
    extract(epoch from jobs.completed_at - jobs.started_at) as duration,
    extract(
      epoch from jobs.started_at - greatest(jobs.created_at, jobs.run_at, attempt_before.ended_at)
    ) as wait
  from jobs
  left join lateral (
    select max(attempt.ended_at) as ended_at
    from supajobs.unsuccessful_attempts as attempt
    where attempt.job_id = jobs.id and attempt.started_at < jobs.started_at
  ) as attempt_before on true
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
for it (since it was due, or its attempt before had ended). Of the latest 10,000 jobs that were
requested and completed in the last 24 hours; plan_jobs_active has what still waits.';
revoke all on table public.plan_job_durations from public, anon, authenticated, service_role;
grant select on table public.plan_job_durations to service_role;

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
      'error', attempt.error, 'cause', attempt.cause, 'retry_at', attempt.retry_at,
      'model', attempt.model,
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
from supajobs.steps as step
union all
select
  signal.job_id,
  signal.received_at as at,
  'signalled' as event,
  null as worker_id,
  jsonb_build_object('name', signal.name) as details
from supajobs.signals as signal
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
  jsonb_strip_nulls(
    jsonb_build_object(
      'retry_count', job.retry_count, 'crash_count', job.crash_count,
      'waiting_for', job.waiting_for
    )
  ) as details
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
inner join supajobs.notifications as notification
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
inner join supajobs.notifications as notification
  on job.user_id = notification.user_id and job.id = notification.job_id
inner join supajobs.deliveries as delivery on notification.id = delivery.notification_id;
comment on view public.plan_job_timeline is
'What happened to a job: ask for one job_id, order by at. Events: requested, started, how attempts
ended (completed, retrying, failed, released, suspended, cancelled, crashed), step_saved and signalled
(steps and signals go when their job completes), cancel_requested, waiting (due since then, or until
then), notification, and delivery_ with its status. For one job it reads the rows by their keys; for all jobs, everything.';
revoke all on table public.plan_job_timeline from public, anon, authenticated, service_role;
grant select on table public.plan_job_timeline to service_role;

-- For `supajobs jobs show`, over PostgREST: what a job has saved, and who was told of its end.
create view public.plan_job_steps with (security_invoker = true) as
select
  step.job_id,
  step.name,
  step.output,
  step.saved_at,
  step.model,
  step.input_tokens,
  step.output_tokens,
  step.cost_usd
from supajobs.steps as step;
comment on view public.plan_job_steps is
'Outputs of finished steps, kept until their job ends well, and what they cost.';
revoke all on table public.plan_job_steps from public, anon, authenticated, service_role;
grant select on table public.plan_job_steps to service_role;

create view public.plan_job_notifications with (security_invoker = true) as
select
  notification.id,
  notification.job_id,
  notification.user_id,
  notification.event,
  notification.occurred_at,
  notification.addressed_at,
  coalesce(
    (
      select
        jsonb_agg(
          jsonb_build_object(
            'channel', delivery.channel, 'status', delivery.status,
            'attempts', delivery.attempts, 'run_at', delivery.run_at,
            'tried_at', delivery.tried_at, 'error', delivery.error, 'ended_at', delivery.ended_at
          )
          order by delivery.id
        )
      from supajobs.deliveries as delivery
      where delivery.notification_id = notification.id
    ),
    '[]'
  ) as deliveries
from supajobs.notifications as notification;
comment on view public.plan_job_notifications is
'Ends of jobs that somebody is told of, with what became of it on the way to each device. For one
job ask for its user_id too, which has an index.';
revoke all on table public.plan_job_notifications from public, anon, authenticated, service_role;
grant select on table public.plan_job_notifications to service_role;
