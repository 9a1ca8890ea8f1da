-- A job that does nothing, with which `supajobs setup` tries the way from a request to its end.
insert into public.plan_job_types (
  job_type, description, max_retries, max_crashes, backoff_base_seconds, backoff_cap_seconds,
  lease_seconds, max_runtime_seconds, ttl_hours
)
values ('canary', 'Tries the queue: ends as soon as it starts', 2, 2, 1, 5, 30, 30, 1)
on conflict (job_type) do nothing;
