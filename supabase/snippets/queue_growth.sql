-- Does the queue grow? growth: requested less ended since 3 hours ago; if it climbs, add workers.
with slots as (
  select
    generate_series(
      date_bin('5 minutes', now() - interval '175 minutes', 'epoch'), now(), interval '5 minutes'
    ) as slot
),

changes as (
  select
    date_bin('5 minutes', job.created_at, 'epoch') as slot,
    1 as requested,
    0 as ended
  from public.plan_generation_jobs as job
  where
    job.id >= public.plan_job_id_at(now() - interval '3 hours')
    -- and job.job_type = 'training_plan'
  union all
  select
    date_bin('5 minutes', job.completed_at, 'epoch') as slot,
    0 as requested,
    1 as ended
  from public.plan_generation_jobs as job
  where
    -- Jobs that waited for longer than a day are missing: where they do, widen this.
    job.id >= public.plan_job_id_at(now() - interval '24 hours')
    and job.completed_at > now() - interval '3 hours'
    -- and job.job_type = 'training_plan'
),

counted as (
  select
    slots.slot,
    coalesce(sum(changes.requested), 0) as requested,
    coalesce(sum(changes.ended), 0) as ended
  from slots
  left join changes on slots.slot = changes.slot
  group by slots.slot
)

select
  counted.slot,
  counted.requested,
  counted.ended,
  sum(counted.requested - counted.ended) over (order by counted.slot) as growth
from counted
order by counted.slot desc;
