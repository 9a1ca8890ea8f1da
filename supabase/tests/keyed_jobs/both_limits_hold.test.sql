begin;
select plan(3);

insert into public.plan_job_types (job_type, max_running_per_user, max_running_per_project)
values ('pgtap', 2, 1);
select
  public.enqueue_plan_job(
    tests.make_user('a'), 'pgtap', '{}', p_trace_id => wanted.name,
    p_project_id => tests.id(wanted.project)
  )
from (values ('x 1', 'x'), ('x 2', 'x'), ('y 1', 'y'), ('z 1', 'z')) as wanted (name, project);
select is(
  tests.claim_names('claim 1', 9), array['x 1', 'y 1'], 'one is passed over for its project'
);
select tests.complete('y 1', 'claim 1');
select is(tests.claim_names('claim 2', 9), array['z 1'], 'for another of its user');
select tests.complete('x 1', 'claim 1');
select is(tests.claim_names('claim 3', 9), array['x 2'], 'until that has room again');

select * from finish();
rollback;
