-- A budget per user and month for the jobs of a type.

alter table public.plan_job_types
add column max_cost_per_user_month numeric,
add constraint plan_job_types_max_cost_not_negative check (max_cost_per_user_month >= 0);

comment on column public.plan_job_types.max_cost_per_user_month is
'A user who has cost this much (USD) in a calendar month (UTC) gets no new jobs before the next;
null for no limit. Jobs on their way then still end, and what they cost is known at their end.';

-- When a user whose budget for a limited type is spent may have one more job; null: now.
create function public.plan_budget_renews_at(
  p_user_id uuid, p_type public.plan_job_types
) returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
declare
  v_month timestamp := date_trunc('month', now() at time zone 'utc');
begin
  if p_type.max_cost_per_user_month <= (
    select coalesce(sum(cost.cost_usd), 0)
    from public.plan_job_costs as cost
    where
      cost.user_id = p_user_id
      and cost.month = v_month::date
      and cost.job_type = p_type.job_type
  ) then
    return (v_month + interval '1 month') at time zone 'utc';
  end if;
  return null;
end
$$;

revoke all on function public.plan_budget_renews_at(uuid, public.plan_job_types)
from public, anon, authenticated;
grant execute on function public.plan_budget_renews_at(uuid, public.plan_job_types)
to service_role;
