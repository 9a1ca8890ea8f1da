-- Which errors, and how many have them? Of the last day; story_of_a_job.sql tells of the example.
select
  error.job_type,
  error.code,
  error.pattern,
  count(*) filter (where error.has_failed) as failed_jobs,
  count(*) as attempts,
  count(distinct error.user_id) as users,
  min(error.ended_at) as first_seen_at,
  max(error.ended_at) as last_seen_at,
  (array_agg(error.job_id order by error.ended_at desc))[1] as example_job_id
from public.plan_job_errors as error
where
  error.ended_at > now() - interval '24 hours'
  -- and error.job_type = 'training_plan'
group by error.job_type, error.code, error.pattern
order by failed_jobs desc, attempts desc
limit 100;
