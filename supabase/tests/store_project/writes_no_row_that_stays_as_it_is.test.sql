begin;
select plan(3);

select tests.make_project('website');
select tests.run_project_job('first', 'website');
select tests.complete_project_job(
  'first', 'website', '[{"key": "a", "text": "Begin", "state": "open"}]', array['Python']
);
create temp table rows_before as
select
  task.ctid as task,
  skill.ctid as skill
from public.plan_project_tasks as task
cross join public.plan_project_skills as skill;
select tests.run_project_job('second', 'website');
select is(
  tests.complete_project_job(
    'second', 'website', '[{"key": "a", "text": "Begin", "state": "open"}]', array['Python']
  ),
  'completed',
  'the same once more'
);
select is(
  (select ctid from public.plan_project_tasks), (select task from rows_before), 'the task stays'
);
select is(
  (select ctid from public.plan_project_skills), (select skill from rows_before), 'the skill too'
);

select * from finish();
rollback;
