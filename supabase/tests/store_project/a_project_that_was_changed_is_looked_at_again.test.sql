begin;
select plan(3);

select tests.make_project('website');
select tests.run_project_job('job', 'website');
create temp table before as select tests.project('website') as project;
update public.plan_projects set branch = 'next';
select is(
  tests.complete('job', 'job', p_store => jsonb_build_object(
    'source', '{"repository_url": "https://example.com/website", "branch": null,
      "plan_path": "PLAN.md"}'::jsonb,
    'commit_id', 'abc', 'committed_at', now(), 'skills', '[]'::jsonb
  )),
  'retrying',
  'what was found is of another branch'
);
select is((tests.project('website')).commit_id, null, 'it is not stored');
select is((tests.job('job')).error ->> 'code', 'store_failed', 'and its user waits a moment');

select * from finish();
rollback;
