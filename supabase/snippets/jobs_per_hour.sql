-- How much was done in each of the last 48 hours, and how much of it well? success_rate is 0 to 1.
select
  each.hour,
  sum(each.completed) as completed,
  sum(each.failed) as failed,
  sum(each.cancelled) as cancelled,
  sum(each.retrying) as retrying,
  sum(each.released) as released,
  sum(each.suspended) as suspended,
  sum(each.crashed) as crashed,
  round(sum(each.completed) / nullif(sum(each.completed) + sum(each.failed), 0), 3) as success_rate
from public.plan_jobs_per_hour as each
-- where each.job_type = 'training_plan'
group by each.hour
order by each.hour desc;
