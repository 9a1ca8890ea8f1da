-- Written by scripts/write_migration from supabase/schemas: edit it there.

-- 50_training_plans.sql

-- The family of training plans: its job type, what devices show at the end of such a job, and the
-- generated plans. A plan outlives its job: the queue forgets, the user's plan stays.

do $$
begin
  if to_regclass('public.weekly_base_plans') is not null then
    raise duplicate_table using
      message = 'Nothing was changed: there is a table public.weekly_base_plans already.',
      detail = 'Training plans are kept in a table of this name.',
      hint = 'Rename yours, or leave this family out: JOB_FAMILIES=none, without this migration.';
  end if;
end
$$;

create table public.weekly_base_plans (
  id uuid primary key default supajobs.new_id(),
  user_id uuid references auth.users (id) on delete cascade,
  job_id uuid references public.plan_generation_jobs (id) on delete set null,
  plan jsonb not null,
  created_at timestamptz not null default now(),

  constraint weekly_base_plans_one_per_job unique (job_id),
  constraint weekly_base_plans_plan_is_object check (jsonb_typeof(plan) = 'object')
);
comment on table public.weekly_base_plans is
'Finished training plans, stored in the transaction that completed their job.';
comment on column public.weekly_base_plans.user_id is
'Null where the job had no user: the service alone sees it.';
create index weekly_base_plans_by_user on public.weekly_base_plans (user_id, id);
alter table public.weekly_base_plans enable row level security;
create policy weekly_base_plans_read_by_owner
on public.weekly_base_plans for select to authenticated
using ((select auth.uid()) = user_id);
revoke all on table public.weekly_base_plans from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.weekly_base_plans to service_role;
grant select on table public.weekly_base_plans to authenticated;

-- Keeps a plan: of its job type, which names it, and of any job that was completed with one.
create function supajobs.store_plan(p_job jsonb, p_store jsonb) returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_plan_id uuid := supajobs.new_id();
begin
  insert into public.weekly_base_plans (id, user_id, job_id, plan)
  values (v_plan_id, (p_job ->> 'user_id')::uuid, (p_job ->> 'id')::uuid, p_store);
  return jsonb_build_object('plan_id', v_plan_id);
end
$$;

insert into public.plan_job_types (job_type, description, dedupe_by, notifies, stored_by)
values (
  'training_plan', 'A periodised cycling or strength plan', 'user', true, 'supajobs.store_plan'
);
insert into public.plan_job_messages (job_type, event, title, body)
values
('training_plan', 'job.completed', 'Your training plan is ready', '{title}'),
('training_plan', 'job.failed', 'Your training plan could not be written', '{error}');
