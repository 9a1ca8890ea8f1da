begin;
select plan(1);

select tests.make_project('website');
select tests.run_project_job('job', 'website');
create temp table source as
select jsonb_build_object('source', '{}'::jsonb, 'commit_id', 'abc', 'committed_at', now())
  as store;
delete from public.plan_projects;
select is(
  tests.complete('job', 'job', p_store => (select store from source)),
  'failed',
  'a further attempt would find it gone as well'
);

select * from finish();
rollback;
