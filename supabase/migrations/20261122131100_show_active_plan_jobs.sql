-- What waits and what runs, and what of it should not be running any more, for the people who run
-- the queue.

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
    when job.status = 'pending' and job.run_at > now() then 'scheduled'
    else job.status
  end as state,
  case
    when job.status = 'processing' or job.run_at > now() then null
    when job.started_at > job.run_at then job.updated_at
    else greatest(job.run_at, job.created_at)
  end as due_since
from public.plan_generation_jobs as job
where
  -- All that is pending, in the words of the two indexes that have it between them.
  (job.status = 'pending' and job.turn is not null)
  or (job.status = 'pending' and job.turn is null)
  or job.status = 'processing';

comment on view public.plan_jobs_active is
'Jobs that have not ended. state: pending (due), scheduled (waits for its run_at) or processing.
due_since: when it was due, or given back by a worker. Reads what waits and runs, by their indexes;
finished jobs cost nothing.';

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

revoke all on table public.plan_jobs_active from public, anon, authenticated, service_role;
grant select on table public.plan_jobs_active to service_role;
revoke all on table public.plan_jobs_stuck from public, anon, authenticated, service_role;
grant select on table public.plan_jobs_stuck to service_role;
