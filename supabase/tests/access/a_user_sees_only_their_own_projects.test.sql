begin;
select plan(8);

select tests.make_project('website');
select tests.make_project('theirs', '{}', 'user b');
select tests.run_project_job('of a', 'website');
select tests.complete_project_job(
  'of a', 'website', '[{"key": "a", "text": "Of a", "state": "open"}]', array['Python']
);
select tests.run_project_job('of b', 'theirs', 'user b');
select tests.complete_project_job(
  'of b', 'theirs', '[{"key": "b", "text": "Of b", "state": "open"}]', array['Rust']
);

select tests.sign_in('user a');
select results_eq('select name from public.plan_projects', array['website'], 'a''s project');
select results_eq('select text from public.plan_project_tasks', array['Of a'], 'its tasks');
select results_eq('select name from public.plan_project_skills', array['Python'], 'its skills');
select is((select count(*) from public.plan_project_refreshes), 1::bigint, 'its history');

reset role;
select tests.sign_in('user b');
select results_eq('select name from public.plan_projects', array['theirs'], 'b''s project');
select results_eq('select text from public.plan_project_tasks', array['Of b'], 'its tasks');
select results_eq('select name from public.plan_project_skills', array['Rust'], 'its skills');
select is((select count(*) from public.plan_project_refreshes), 1::bigint, 'its history');

select * from finish();
rollback;
