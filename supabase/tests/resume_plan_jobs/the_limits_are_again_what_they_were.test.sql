begin;
select plan(4);

insert into public.plan_job_types (job_type, max_running)
values ('pgtap', null), ('pgtap 2', 5), ('pgtap 3', 0), ('pgtap 4', 7);
select tests.make_job('job');
create temp table before as select * from public.plan_job_types;
select public.pause_plan_jobs();
select public.resume_plan_jobs('pgtap 4');
select is(
  tests.limits('pgtap', 'pgtap 4'), '{"pgtap": 0, "pgtap 4": 7}', 'of one, while others are held'
);

select is(
  public.resume_plan_jobs()::jsonb,
  jsonb_build_object(
    'outcome', 'resumed',
    'job_types',
    (select jsonb_agg(job_type order by job_type) from before where job_type <> 'pgtap 4')
  ),
  'those that were paused are named'
);
select bag_eq(
  'select * from public.plan_job_types', 'select * from before', 'nothing of the pause is left'
);
select is(tests.claim_names('claim 1'), array['job'], 'and jobs start');

select * from finish();
rollback;
