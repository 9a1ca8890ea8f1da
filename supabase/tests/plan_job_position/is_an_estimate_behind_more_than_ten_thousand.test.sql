begin;
select plan(1);

select tests.make_job('last');
insert into public.plan_generation_jobs (
  user_id, job_type, turn, max_retries, max_crashes, backoff_base_seconds, backoff_cap_seconds,
  lease_seconds, max_runtime_seconds, ttl_hours
)
select
  job.user_id,
  job.job_type,
  number / 2 as turn,
  job.max_retries,
  job.max_crashes,
  job.backoff_base_seconds,
  job.backoff_cap_seconds,
  job.lease_seconds,
  job.max_runtime_seconds,
  job.ttl_hours
from generate_series(0, 12999) as number, tests.job('last') as job;
update public.plan_generation_jobs set turn = 6500 where trace_id = 'last';

select ok(
  (tests.position('last') ->> 'position_in_queue')::integer between 12900 and 13100,
  'within a hundredth where the turns are alike'
);

select * from finish();
rollback;
