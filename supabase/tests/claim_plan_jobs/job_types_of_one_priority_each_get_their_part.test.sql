begin;
select plan(1);

select tests.make_job(job_type || number, p_job_type => job_type)
from unnest(array['fruit', 'stone', 'vegetable']) as job_type, generate_series(1, 60) as number;

select public.claim_plan_jobs(tests.id('claim ' || number), 'worker 1', 1, job_types)
from
  generate_series(1, 60) as number,
  (select array['fruit', 'stone', 'vegetable'] as job_types) as wanted;

select bag_eq(
  $$
    select job_type from public.plan_generation_jobs
    where status = 'processing' and job_type in ('fruit', 'stone', 'vegetable')
    group by job_type having count(*) between 10 and 30
  $$,
  array['fruit', 'stone', 'vegetable'],
  'about twenty of sixty claims each'
);

select * from finish();
rollback;
