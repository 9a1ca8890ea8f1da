begin;
select plan(1);

select tests.make_attempt(10);
select tests.make_job('job');
select tests.claim('claim 1');
update public.plan_generation_jobs
set started_at = now() - interval '30 seconds' where trace_id = 'job';

select ok(
  (tests.position('job') ->> 'estimated_completion_at')::timestamptz
  between now() and clock_timestamp(),
  'a job that takes longer than the others may end at any moment'
);

select * from finish();
rollback;
