begin;
select plan(1);

select tests.empty_queue();
select tests.make_job('job ' || number, p_run_at => now() + interval '1 hour')
from generate_series(1, 120) as number;
update public.plan_generation_jobs set run_at = now() where job_type = 'pgtap';

select tests.claim('claim 1');

select is(
  (select count(*) from public.plan_generation_jobs where turn is not null),
  100::bigint,
  'no claim waits for the promotion of all'
);

select * from finish();
rollback;
