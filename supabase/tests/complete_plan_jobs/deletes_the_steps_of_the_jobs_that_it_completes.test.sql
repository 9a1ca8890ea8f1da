begin;
select plan(1);

select tests.make_job(name) from unnest(array['good', 'unwanted', 'running']) as name;
select tests.claim('claim 1', 3);
select public.save_plan_job_step((tests.job(name)).id, tests.id('claim 1'), 'draft', '{}')
from unnest(array['good', 'unwanted', 'running']) as name;
select public.cancel_plan_job((tests.job('unwanted')).id, tests.id('user a'));

select public.complete_plan_jobs(
  jsonb_build_array(tests.entry('good', 'claim 1'), tests.entry('unwanted', 'claim 1'))
);

select bag_eq(
  $$
    select job.trace_id
    from supajobs.steps as step
    inner join public.plan_generation_jobs as job on step.job_id = job.id
    where job.job_type = 'pgtap'
  $$,
  array['unwanted', 'running'],
  'a cancelled job may be run again'
);

select * from finish();
rollback;
