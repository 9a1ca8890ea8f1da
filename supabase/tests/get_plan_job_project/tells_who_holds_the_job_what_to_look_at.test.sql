begin;
select plan(4);

select tests.make_project('website', '{"branch": "next", "token": "ciphertext"}');
select tests.run_project_job('claim', 'website');
select is(
  public.get_plan_job_project((tests.job('claim')).id, tests.id('claim'))::jsonb,
  '{"outcome": "found", "token": "ciphertext", "project": {
    "repository_url": "https://example.com/website", "branch": "next", "plan_path": "PLAN.md"
  }}',
  'with the token as it was encrypted'
);
select is(
  public.get_plan_job_project((tests.job('claim')).id, tests.id('another')) ->> 'outcome',
  'stale',
  'who does not hold the job is told nothing'
);
select tests.run_project_job('theirs', 'website', 'user b');
select is(
  public.get_plan_job_project((tests.job('theirs')).id, tests.id('theirs')) ->> 'outcome',
  'gone',
  'a job of somebody else does not see it'
);
delete from public.plan_projects;
select is(
  public.get_plan_job_project((tests.job('claim')).id, tests.id('claim')) ->> 'outcome',
  'gone',
  'nor does any job when it is deleted'
);

select * from finish();
rollback;
