-- What became of jobs since somebody looked. p_seen is {job id: updated_at as it was answered}, or
-- null for a job never seen. {jobs, gone}: the jobs whose updated_at is another one now, as their
-- owner sees them, and the ids of those that are no longer there.
--
-- Another, not a later one: who waits for the lock of a row writes the time from before the wait.

create function public.get_changed_plan_jobs(p_seen jsonb) returns json
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_changes json;
begin
  select
    json_build_object(
      'jobs', coalesce(
        json_agg(public.describe_plan_job(job)) filter (
          where job.updated_at is distinct from seen.updated_at::timestamptz and job.id is not null
        ),
        '[]'
      ),
      'gone', coalesce(json_agg(seen.job_id) filter (where job.id is null), '[]')
    ) into v_changes
  from jsonb_each_text(p_seen) as seen (job_id, updated_at)
  left join public.plan_generation_jobs as job on seen.job_id::uuid = job.id;
  return v_changes;
end
$$;

revoke all on function public.get_changed_plan_jobs(jsonb) from public, anon, authenticated;
grant execute on function public.get_changed_plan_jobs(jsonb) to service_role;
