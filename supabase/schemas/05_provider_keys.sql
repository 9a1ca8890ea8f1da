-- Bring your own key: the client's key for the model's provider, encrypted before it comes here,
-- lies beside its job and not in it. It is erased when the job ends or goes; only the worker that
-- holds the job is given it.

-- Without a foreign key: its check at each update of a job, and its query at each deletion, would
-- be paid for by all jobs.
create table supajobs.provider_keys (
  job_id uuid primary key,
  ciphertext text not null
);
comment on table supajobs.provider_keys is
'Keys that users brought for jobs that have not ended. A Fernet token, whose key the servers have.';

create function supajobs.erase_provider_key() returns trigger
language plpgsql
volatile
security definer -- as a foreign key: whoever deletes a user has no rights on the queue
set search_path = ''
as $$
begin
  delete from supajobs.provider_keys
  where job_id = old.id and (tg_op = 'DELETE' or new.completed_at is not null);
  return null;
end
$$;

create trigger plan_generation_jobs_erase_key_at_the_end
after update of completed_at on public.plan_generation_jobs
for each row when (new.has_provider_key) -- short: all jobs pay for its parsing
execute function supajobs.erase_provider_key();

create trigger plan_generation_jobs_take_key_along
after delete on public.plan_generation_jobs
for each row when (old.has_provider_key)
execute function supajobs.erase_provider_key();

-- The key of a running job: {outcome, ciphertext?}. Outcomes: found | none (the job brought none)
-- | gone (it brought one that is no longer there) | stale.
create function public.get_plan_job_key(p_job_id uuid, p_claim_id uuid) returns json
language plpgsql
stable
set search_path = ''
as $$
begin
  return coalesce(
    (
      select
        json_strip_nulls(
          json_build_object(
            'outcome', case
              when key.ciphertext is not null then 'found'
              when job.has_provider_key then 'gone'
              else 'none'
            end,
            'ciphertext', key.ciphertext
          )
        )
      from public.plan_generation_jobs as job
      left join supajobs.provider_keys as key on job.id = key.job_id
      where job.id = p_job_id and job.claim_id = p_claim_id and job.status = 'processing'
    ),
    '{"outcome": "stale"}'
  );
end
$$;

revoke all on function public.get_plan_job_key from public, anon, authenticated;
grant execute on function public.get_plan_job_key to service_role;
