-- What goes wrong, so that the same error of a thousand jobs is one line.

-- A message without what differs from job to job: what is quoted becomes '…', a uuid, or another
-- word of 16 characters or more with a digit in it, <id>, and a number <n>.
create function public.plan_job_error_pattern(p_message text) returns text
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

revoke all on function public.plan_job_error_pattern(text) from public, anon, authenticated;
grant execute on function public.plan_job_error_pattern(text) to service_role;

create view public.plan_job_errors with (security_invoker = true) as
select
  attempt.job_id,
  job.user_id,
  attempt.job_type,
  attempt.worker_id,
  attempt.outcome,
  attempt.ended_at,
  job.status = 'failed' and job.completed_at = attempt.ended_at as has_failed,
  coalesce(attempt.error ->> 'code', 'worker_lost') as code,
  coalesce(attempt.error ->> 'message', 'The worker went silent.') as message,
  public.plan_job_error_pattern(
    coalesce(attempt.error ->> 'message', 'The worker went silent.')
  ) as pattern
from public.plan_job_attempts as attempt
inner join public.plan_generation_jobs as job on attempt.job_id = job.id
where attempt.outcome in ('retrying', 'failed', 'crashed');

comment on view public.plan_job_errors is
'Attempts that ended in an error or a crash, with the pattern of the message. has_failed: the job
failed with it, and was not requested again since; otherwise it had another attempt. As far back as
finished jobs are kept. Reads the attempts, all of them (ended_at has no index), and the jobs of
those that went wrong.';

revoke all on table public.plan_job_errors from public, anon, authenticated, service_role;
grant select on table public.plan_job_errors to service_role;
