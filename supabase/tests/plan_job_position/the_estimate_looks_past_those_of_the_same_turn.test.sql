begin;
select plan(2);

-- A thousand jobs to a turn, of which the first thirteen and the last are there.
select tests.make_job('last');
insert into public.plan_generation_jobs (
  user_id, job_type, turn, max_retries, max_crashes, backoff_base_seconds, backoff_cap_seconds,
  lease_seconds, max_runtime_seconds, ttl_hours
)
select
  job.user_id,
  job.job_type,
  turns.turn,
  job.max_retries,
  job.max_crashes,
  job.backoff_base_seconds,
  job.backoff_cap_seconds,
  job.lease_seconds,
  job.max_runtime_seconds,
  job.ttl_hours
from tests.job('last') as job
cross join unnest(array[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 100]) as turns (turn)
cross join generate_series(1, 1000);
update public.plan_generation_jobs set turn = 100, id = public.new_plan_job_id()
where trace_id = 'last';

select ok(
  (tests.position('last') ->> 'position_in_queue')::integer between 90000 and 120000,
  'a hundred turns like the first ones are before it'
);

update public.plan_generation_jobs set turn = 0 where job_type = 'pgtap';

select is(
  (tests.position('last') ->> 'position_in_queue')::integer,
  10001,
  'where all have the same turn, 10,000 are counted'
);

select * from finish();
rollback;
