-- A user's job and, while it is pending, where it stands, in one call: {job, position}, as
-- describe_plan_job and plan_job_position have them. {job: null}: the user has no such job.

create function public.get_plan_job(p_job_id uuid, p_user_id uuid) returns json
language plpgsql
stable
set search_path = ''
as $$
declare
  v_job public.plan_generation_jobs;
begin
  select * into v_job
  from public.plan_generation_jobs
  where id = p_job_id and user_id = p_user_id;
  if not found then
    return '{"job": null, "position": null}';
  end if;
  return json_build_object(
    'job', public.describe_plan_job(v_job),
    'position', case when v_job.status = 'pending' then public.plan_job_position(p_job_id) end
  );
end
$$;

revoke all on function public.get_plan_job(uuid, uuid) from public, anon, authenticated;
grant execute on function public.get_plan_job(uuid, uuid) to service_role;
