begin;
select plan(2);

select matches(
  public.describe_plan_schema()
  #>> '{relations, plan_generation_jobs, triggers, plan_generation_jobs_take_attempts_along}',
  'supajobs.delete_attempts\(\)$',
  'a trigger that is on'
);

alter table public.plan_generation_jobs
disable trigger plan_generation_jobs_take_attempts_along;
select matches(
  public.describe_plan_schema()
  #>> '{relations, plan_generation_jobs, triggers, plan_generation_jobs_take_attempts_along}',
  '\(not enabled\)$',
  'and one that is off'
);

select * from finish();
rollback;
