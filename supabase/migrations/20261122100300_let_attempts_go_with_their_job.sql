-- Attempts without a foreign key: its check at each insert cost more than the insert, and the
-- settle functions hold the job's lock as they write. One trigger per delete does what the key
-- did, for the cleanup as for the deletion of a user.
--
-- Their key has started_at in it: a copy of a claim that arrives late may take a job again under
-- the same claim_id, and that is another attempt.

alter table public.plan_job_attempts
drop constraint plan_job_attempts_job_id_fkey,
drop constraint plan_job_attempts_pkey,
add primary key (job_id, claim_id, started_at);

create function public.delete_plan_job_attempts() returns trigger
language plpgsql
volatile
security definer -- as a foreign key: whoever deletes a user has no rights on the queue
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
