-- Attempts without a foreign key: its check at each insert cost more than the insert, and the
-- settle functions hold the job's lock as they write. One trigger per delete does what the key
-- did, for the cleanup as for the deletion of a user.

alter table public.plan_job_attempts drop constraint plan_job_attempts_job_id_fkey;

create function public.delete_plan_job_attempts() returns trigger
language plpgsql
volatile
set search_path = ''
as $$
begin
  delete from public.plan_job_attempts where job_id in (select id from deleted);
  return null;
end
$$;

create trigger plan_generation_jobs_take_attempts_along
after delete on public.plan_generation_jobs
referencing old table as deleted
for each statement execute function public.delete_plan_job_attempts();

revoke all on function public.delete_plan_job_attempts() from public, anon, authenticated;
grant execute on function public.delete_plan_job_attempts() to service_role;
