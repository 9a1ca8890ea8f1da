begin;
select plan(3);

insert into public.plan_job_types (job_type, max_running_per_project) values ('pgtap', 1);
select
  public.enqueue_plan_job(
    tests.make_user(person.name),
    'pgtap',
    '{}',
    p_trace_id => person.name || ' in ' || project.name,
    p_project_id => tests.id(project.name)
  )
from (values ('a'), ('b')) as person (name), (values ('x'), ('y')) as project (name);
select is(array_length(tests.claim_names('claim 1', 9), 1), 2, 'one of each');
select is(
  (
    select count(distinct project_id) from public.plan_generation_jobs
    where job_type = 'pgtap' and status = 'processing'
  ),
  2::bigint
);
select tests.make_job('of none 1');
select tests.make_job('of none 2');
select set_eq(
  $$ select unnest(tests.claim_names('claim 2', 9)) $$, array['of none 1', 'of none 2'],
  'what belongs to no project is not limited'
);

select * from finish();
rollback;
