begin;
select plan(1);

select setseed(0.5);
insert into public.plan_job_types (
  job_type, max_retries, backoff_base_seconds, backoff_cap_seconds
)
values ('pgtap', 100, 10, 15);
select tests.make_job('job ' || number) from generate_series(1, 20) as number;
update public.plan_generation_jobs set retry_count = 99 where job_type = 'pgtap';
select tests.claim('claim 1', 20);

select public.fail_plan_job(id, tests.id('claim 1'), '{}')
from public.plan_generation_jobs where claim_id = tests.id('claim 1');

select ok(
  (
    select max(retry_at - ended_at) from public.plan_job_attempts
    where claim_id = tests.id('claim 1')
  ) between interval '10 seconds' and interval '15 seconds',
  'the hundredth retry waits up to fifteen seconds as well'
);

select * from finish();
rollback;
