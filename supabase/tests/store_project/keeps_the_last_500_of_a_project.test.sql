begin;
select plan(2);

select tests.make_project('website');
insert into public.plan_project_refreshes (job_id, project_id, job_type, commit_id, changes)
select
  ('00000000-0000-0000-0000-' || lpad(number::text, 12, '0'))::uuid as job_id,
  (tests.project('website')).id as project_id,
  'project_refresh' as job_type,
  'abc' as commit_id,
  '{}' as changes
from generate_series(1, 500) as number;
select tests.run_project_job('job', 'website');
select tests.complete_project_job('job', 'website', null, array['Python']);
select is((select count(*) from public.plan_project_refreshes), 500::bigint, 'one had to go');
select is(
  (select min(job_id::text) from public.plan_project_refreshes),
  '00000000-0000-0000-0000-000000000002',
  'the oldest'
);

select * from finish();
rollback;
