-- What happened to one job? Put its id between the quotes.
select
  timeline.at,
  timeline.event,
  timeline.worker_id,
  timeline.details
from public.plan_job_timeline as timeline
where timeline.job_id = '00000000-0000-0000-0000-000000000000'
order by timeline.at, timeline.event;
