-- Who uses the queue? completed and failed: of the jobs requested in the last 24 hours; costs: USD.
with counted as (
  select
    active.user_id,
    count(*) filter (where active.state = 'pending') as pending,
    count(*) filter (where active.state = 'scheduled') as scheduled,
    count(*) filter (where active.state = 'processing') as processing,
    0 as completed,
    0 as failed,
    0 as cost_this_month
  from public.plan_jobs_active as active
  group by active.user_id
  union all
  select
    job.user_id,
    0 as pending,
    0 as scheduled,
    0 as processing,
    count(*) filter (where job.status = 'completed') as completed,
    count(*) filter (where job.status = 'failed') as failed,
    0 as cost_this_month
  from public.plan_generation_jobs as job
  where job.id >= public.plan_job_id_at(now() - interval '24 hours')
  group by job.user_id
  union all
  select
    cost.user_id,
    0 as pending,
    0 as scheduled,
    0 as processing,
    0 as completed,
    0 as failed,
    sum(cost.cost_usd) as cost_this_month
  from public.plan_job_costs as cost
  where
    cost.month = date_trunc('month', now() at time zone 'utc')
    -- An index leads to jobs requested in the month, or in the week before.
    and cost.job_id >= public.plan_job_id_at(
      (date_trunc('month', now() at time zone 'utc') - interval '7 days') at time zone 'utc'
    )
  group by cost.user_id
)

select
  counted.user_id,
  sum(counted.pending) as pending,
  sum(counted.scheduled) as scheduled,
  sum(counted.processing) as processing,
  sum(counted.completed) as completed,
  sum(counted.failed) as failed,
  sum(counted.cost_this_month) as cost_this_month
from counted
-- where counted.user_id = '00000000-0000-0000-0000-000000000000'
group by counted.user_id
order by pending desc, processing desc, failed desc, completed desc
limit 100;
