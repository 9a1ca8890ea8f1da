begin;
select plan(4);

select tests.make_project('website', '{"token": "ciphertext"}');
select tests.run_project_job('refreshed', 'website');
select tests.complete_project_job(
  'refreshed', 'website', '[{"key": "a", "text": "Begin", "state": "open"}]', array['Python']
);
create temp table website as select (tests.project('website')).id;

select is(
  public.delete_plan_project((select id from website), tests.id('user b')) ->> 'outcome',
  'not_found',
  'somebody else has no such project'
);
select is(
  public.delete_plan_project((select id from website), tests.id('user a')) ->> 'outcome',
  'deleted',
  'its user deletes it'
);
select is_empty(
  $$
    select project_id from public.plan_project_tasks
    union all
    select project_id from public.plan_project_skills
    union all
    select project_id from public.plan_project_refreshes
    union all
    select project_id from supajobs.project_secrets
  $$,
  'nothing of it is left'
);
select is(
  public.delete_plan_project((select id from website), tests.id('user a')) ->> 'outcome',
  'not_found',
  'a second time there is none'
);

select * from finish();
rollback;
