-- Checkpoints of a running job: a retry reuses the output of the steps that are already paid for.

create table public.plan_job_steps (
  job_id uuid not null references public.plan_generation_jobs (id) on delete cascade,
  name text not null,
  output jsonb not null,
  saved_at timestamptz not null default now(),

  primary key (job_id, name),
  constraint plan_job_steps_name_not_empty check (name <> '')
);

comment on table public.plan_job_steps is
'Outputs of finished steps, kept until their job ends well.';

alter table public.plan_job_steps enable row level security;
create policy plan_job_steps_closed_to_clients on public.plan_job_steps
for all to anon, authenticated using (false);
revoke all on table public.plan_job_steps from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.plan_job_steps to service_role;
