-- Deletes finished jobs whose time to live is over, the oldest first, at most p_max_rows at a
-- time. Their attempts and steps go with them; plans stay. Answers {"deleted": n}.

create function public.cleanup_expired_plan_jobs(p_max_rows integer default 1000) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_deleted integer;
begin
  delete from public.plan_generation_jobs
  where id = any(array(
    select job.id
    from public.plan_generation_jobs as job
    where job.expires_at <= now()
    order by job.expires_at
    limit p_max_rows
    for update skip locked
  ));
  get diagnostics v_deleted = row_count;
  return jsonb_build_object('deleted', v_deleted);
end
$$;

revoke all on function public.cleanup_expired_plan_jobs from public, anon, authenticated;
grant execute on function public.cleanup_expired_plan_jobs to service_role;
