-- A job type needs its row: what is not said here has a default, and the dashboard can edit it.
insert into public.plan_job_types (job_type, description, max_runtime_seconds)
values ('poem', 'A poem', 300);
