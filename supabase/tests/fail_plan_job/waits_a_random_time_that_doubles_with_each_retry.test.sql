begin;
select plan(3);

select setseed(0.5);
select tests.make_job(format('job %s after %s retries', number, retries))
from generate_series(0, 3) as retries, generate_series(1, 20) as number;
update public.plan_generation_jobs
set retry_count = split_part(trace_id, ' ', 4)::smallint, max_retries = 4
where job_type = 'pgtap';
select tests.claim('claim 1', 80);

select public.fail_plan_job(id, tests.id('claim 1'), '{}')
from public.plan_generation_jobs where claim_id = tests.id('claim 1');

create temp table waits as
select
  job.retry_count - 1 as retries_before,
  extract(epoch from attempt.retry_at - attempt.ended_at) as seconds
from public.plan_generation_jobs as job
inner join public.plan_job_attempts as attempt on job.id = attempt.job_id
where attempt.claim_id = tests.id('claim 1');

select is_empty(
  'select * from waits where seconds not between 0 and 5 * 2 ^ retries_before',
  'at most 5, 10, 20, 40 seconds'
);
select results_eq(
  $$
    select distinct retries_before from waits
    where seconds > 5 * 2 ^ retries_before / 2 order by retries_before
  $$,
  array[0, 1, 2, 3],
  'the upper half of each range is used'
);
select results_eq(
  $$
    select distinct retries_before from waits
    where seconds < 5 * 2 ^ retries_before / 2 order by retries_before
  $$,
  array[0, 1, 2, 3],
  'and so is the lower half'
);

select * from finish();
rollback;
