begin;
select plan(3);

insert into public.plan_job_types (job_type, max_running)
values ('pgtap', null), ('pgtap 2', 5), ('pgtap 3', 0);

select is(
  public.pause_plan_jobs()::jsonb -> 'job_types',
  (select jsonb_agg(job_type order by job_type) from public.plan_job_types),
  'those there are'
);
select is(
  (select array_agg(distinct max_running) from public.plan_job_types), array[0], 'none may run'
);

insert into public.plan_job_types (job_type) values ('pgtap 4');
select tests.make_job('job', p_job_type => 'pgtap 4');
select is(
  tests.claim_names('claim 1', p_job_type => 'pgtap 4'), array['job'],
  'a type that is added later is not held'
);

select * from finish();
rollback;
