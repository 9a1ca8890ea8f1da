-- What is wrong with the queue now? Start here: each line says what to do; no line, no trouble.
select
  reason.status,
  reason.code,
  reason.message,
  reason.job_type,
  reason.jobs,
  reason.seconds
from json_to_recordset(public.check_plan_queue() -> 'reasons') as reason (
  status text, code text, message text, job_type text, jobs bigint, seconds numeric
);
