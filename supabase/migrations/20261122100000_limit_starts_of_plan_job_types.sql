-- Limits that hold for the whole fleet, whatever the number of processors: how many jobs of a type
-- run at the same time, and how many start in any minute (as a model's provider allows).

alter table public.plan_job_types
add column max_running integer,
add column starts_per_minute integer,
add constraint plan_job_types_max_running_not_negative check (max_running >= 0),
add constraint plan_job_types_starts_per_minute_not_negative check (starts_per_minute >= 0);

comment on column public.plan_job_types.max_running is
'At most this many jobs run at the same time; 0 holds the type back, null for no limit.';
comment on column public.plan_job_types.starts_per_minute is
'At most this many jobs start in any 60 seconds; null for no limit.';

-- Who started when: one row per claim of a limited type, for a minute. The sweep
-- deletes them.
create table public.plan_job_starts (
  job_type text not null,
  started_at timestamptz not null,
  claim_id uuid not null,
  jobs integer not null,

  primary key (job_type, started_at, claim_id),
  constraint plan_job_starts_some check (jobs > 0)
);

comment on table public.plan_job_starts is
'The starts of the last minute, of the job types that have a limit.';

alter table public.plan_job_starts enable row level security;
create policy plan_job_starts_closed_to_clients on public.plan_job_starts
for all to anon, authenticated using (false);
revoke all on table public.plan_job_starts from public, anon, authenticated, service_role;
grant select, insert, delete on table public.plan_job_starts to service_role;

-- How many more jobs of this type may start now. Exact for a caller that holds the lock on the
-- type's row until its starts are committed.
create function public.plan_job_quota(p_type public.plan_job_types) returns integer
language plpgsql
volatile
set search_path = ''
as $$
begin
  return greatest(0, least(
    p_type.max_running - (
      select count(*) from public.plan_generation_jobs
      where status = 'processing' and job_type = p_type.job_type
    ),
    p_type.starts_per_minute - (
      select coalesce(sum(jobs), 0) from public.plan_job_starts
      where
        job_type = p_type.job_type
        and started_at > clock_timestamp() - interval '1 minute'
    )
  ));
end
$$;

revoke all on function public.plan_job_quota(public.plan_job_types)
from public, anon, authenticated;
grant execute on function public.plan_job_quota(public.plan_job_types) to service_role;
