begin;
select plan(1);

set local time zone 'Pacific/Auckland'; -- half a day ahead
select tests.make_job('job');
select tests.claim('claim 1');
select
  supajobs.record_attempts(
    array[
      (
        job.id, job.claim_id, job.user_id, job.job_type, job.worker_id, 'completed', null,
        job.started_at, '2026-01-31 23:59:59+00', null, '{"cost_usd": 1}', false, null
      )::supajobs.ended_attempt
    ]
  )
from tests.job('job') as job;

select results_eq(
  $$select month from public.plan_user_costs where user_id = tests.id('user a')$$,
  array['2026-01-01'::date],
  'whatever the time zone of who settles'
);

select * from finish();
rollback;
