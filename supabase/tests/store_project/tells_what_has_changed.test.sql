begin;
select plan(5);

select tests.make_project('website');
select tests.run_project_job('first', 'website');
select tests.complete_project_job(
  'first',
  'website',
  '[
    {"key": "a", "text": "Begin", "state": "open"},
    {"key": "b", "text": "Go on", "state": "done"},
    {"key": "c", "text": "End", "state": "open"}
  ]'
);
select is(
  (tests.job('first')).result -> 'changes',
  '{"percentage": 50, "percentage_before": null, "added": 3, "removed": 0, "completed": 0,
    "reopened": 0}',
  'at first all of it is new'
);
select tests.run_project_job('second', 'website');
select tests.complete_project_job(
  'second',
  'website',
  '[
    {"key": "a", "text": "Begin", "state": "done"},
    {"key": "b", "text": "Go on", "state": "doing"},
    {"key": "d", "text": "Celebrate", "state": "open"}
  ]'
);
select is(
  (tests.job('second')).result -> 'changes',
  '{"percentage": 50, "percentage_before": 50, "added": 1, "removed": 1, "completed": 1,
    "reopened": 1}',
  'then what is other'
);
select results_eq(
  $$select key, state from public.plan_project_tasks order by key$$,
  $$values ('a', 'done'), ('b', 'doing'), ('d', 'open')$$,
  'the tasks are those of the plan'
);
select results_eq(
  $$
    select title, progress ->> 'percentage', commit_id, skills_extracted_at is null
    from public.plan_projects
  $$,
  $$values ('A plan', '50', md5('second'), true)$$,
  'and the project tells of them'
);
select results_eq(
  $$select changes ->> 'added' from public.plan_project_refreshes order by job_id$$,
  $$values ('3'), ('1')$$,
  'each job is in its history'
);

select * from finish();
rollback;
