begin;
select plan(6);

set local role service_role;
select lives_ok(format('select * from public.%I limit 1', name), name)
from
  unnest(array[
    'plan_jobs_active', 'plan_jobs_stuck', 'plan_job_errors', 'plan_jobs_per_hour',
    'plan_job_durations', 'plan_job_timeline'
  ]) as name;

select * from finish();
rollback;
