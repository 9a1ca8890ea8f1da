-- The user's pending or processing job of a type, the newest if there are several; else null.

create function public.get_active_plan_job(p_user_id uuid, p_job_type text) returns jsonb
language sql
stable
set search_path = ''
as $$
  select public.describe_plan_job(job)
  from public.plan_generation_jobs as job
  where
    job.user_id = p_user_id
    and job.job_type = p_job_type
    and job.status in ('pending', 'processing')
  order by job.id desc
  limit 1
$$;

revoke all on function public.get_active_plan_job(uuid, text) from public, anon, authenticated;
grant execute on function public.get_active_plan_job(uuid, text) to service_role;
