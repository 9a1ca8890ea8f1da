begin;
select plan(4);

select tests.empty_queue();
select tests.make_job('a job');
insert into supajobs.unsuccessful_attempts (
  job_id, claim_id, job_type, worker_id, outcome, started_at, ended_at, retry_at
)
select
  (tests.job('a job')).id as job_id,
  gen_random_uuid() as claim_id,
  'pgtap' as job_type,
  'worker ' || number as worker_id,
  'suspended' as outcome,
  now() + make_interval(secs => number) as started_at,
  now() + make_interval(secs => number) as ended_at,
  now() as retry_at
from generate_series(1, 201) as number;
insert into supajobs.steps (job_id, name, output, saved_at)
select
  (tests.job('a job')).id as job_id,
  'step ' || number as name,
  '1' as output,
  now() + make_interval(secs => number) as saved_at
from generate_series(1, 201) as number;
create temporary table told as
select public.describe_plan_job((tests.job('a job')).id)::jsonb as record;

select is(jsonb_array_length(record -> 'attempts'), 200, 'of 201 attempts, 200') from told;
select is(record #>> '{attempts, 0, worker_id}', 'worker 2', 'without the oldest') from told;
select is(jsonb_array_length(record -> 'steps'), 200, 'of 201 steps, 200') from told;
select is(record #>> '{steps, 199, name}', 'step 201', 'the newest is the last') from told;

select * from finish();
rollback;
