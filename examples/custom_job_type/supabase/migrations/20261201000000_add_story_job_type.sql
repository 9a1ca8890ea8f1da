-- A job type needs its row: what is not said here has a default, and the dashboard can edit it.
insert into public.plan_job_types (
  job_type, description, max_runtime_seconds, max_enqueues, enqueue_window_seconds
)
values ('story', 'A bedtime story, chapter by chapter', 300, 10, 3600);
