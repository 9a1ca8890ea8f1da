begin;
select plan(1);

select tests.make_job('apple ' || number, p_job_type => 'fruit', p_priority => 4)
from generate_series(1, 10) as number;
select tests.make_job('granite ' || number, p_job_type => 'stone', p_priority => 6)
from generate_series(1, 10) as number;

select public.claim_plan_jobs(tests.id('claim ' || number), 'worker 1', 1, '{fruit, stone}')
from generate_series(1, 10) as number;

select is_empty(
  $$select * from public.plan_generation_jobs where job_type = 'fruit' and status <> 'pending'$$,
  'the order of types is random within a priority only'
);

select * from finish();
rollback;
