begin;
select plan(1);

select tests.make_job('job');
select tests.make_job('deleted', p_job_type => 'pgtap other');
create temporary table seen as
select
  tests.seen('job') || tests.seen('deleted')
  || '{"7c9e1d52-0000-7000-8000-000000000000": null}' as jobs;
create temporary table deleted as select (tests.job('deleted')).id;
delete from public.plan_generation_jobs where trace_id = 'deleted';

select set_eq(
  'select json_array_elements_text(public.get_changed_plan_jobs(jobs) -> ''gone'') from seen',
  'select id::text from deleted union select ''7c9e1d52-0000-7000-8000-000000000000''',
  'their ids'
);

select * from finish();
rollback;
