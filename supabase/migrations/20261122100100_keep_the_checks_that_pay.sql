-- Postgres parses every check constraint of a table anew for each insert and update, some 3 µs
-- each: the sixteen on the queue's table were two thirds of the cost of an update. What is left
-- ties the status to the lease and to the end. Input is checked, with an answer for people, where
-- it comes in. See docs/decisions/0005-few-check-constraints.md.

alter table public.plan_generation_jobs
drop constraint plan_generation_jobs_status_known,
drop constraint plan_generation_jobs_priority_in_range,
drop constraint plan_generation_jobs_params_is_object,
drop constraint plan_generation_jobs_progress_is_object,
drop constraint plan_generation_jobs_error_is_object,
drop constraint plan_generation_jobs_retries_within_budget,
drop constraint plan_generation_jobs_crashes_within_budget,
drop constraint plan_generation_jobs_ttl_in_range,
drop constraint plan_generation_jobs_claimed_when_processing,
drop constraint plan_generation_jobs_completed_at_iff_terminal,
drop constraint plan_generation_jobs_expires_at_iff_terminal,
drop constraint plan_generation_jobs_progress_only_when_processing,
drop constraint plan_generation_jobs_result_only_when_completed,
drop constraint plan_generation_jobs_error_when_failed,
drop constraint plan_generation_jobs_no_error_when_completed,
-- A status that is misspelt breaks it too.
add constraint plan_generation_jobs_completed_at_iff_terminal check (
  (status = 'pending' or status = 'processing') = (completed_at is null)
);

alter table public.plan_job_attempts
drop constraint plan_job_attempts_tokens_not_negative,
drop constraint plan_job_attempts_cost_not_negative;
