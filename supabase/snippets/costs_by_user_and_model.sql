-- Who spent how much (USD) on which model in two months? unpriced: price unknown, or own key paid.
select
  cost.month,
  cost.user_id,
  cost.job_type,
  cost.model,
  count(*) as attempts,
  sum(cost.input_tokens) as input_tokens,
  sum(cost.output_tokens) as output_tokens,
  sum(cost.cost_usd) as cost_usd,
  count(*) filter (where cost.cost_usd is null) as unpriced
from public.plan_job_costs as cost
where
  cost.month >= date_trunc('month', now() at time zone 'utc') - interval '1 month'
  -- An index leads to jobs requested in these months, or in the week before.
  and cost.job_id >= public.plan_job_id_at(
    (date_trunc('month', now() at time zone 'utc') - interval '1 month 7 days') at time zone 'utc'
  )
  -- and cost.job_type = 'training_plan'
group by cost.month, cost.user_id, cost.job_type, cost.model
order by cost.month desc, cost_usd desc nulls last
limit 100;
