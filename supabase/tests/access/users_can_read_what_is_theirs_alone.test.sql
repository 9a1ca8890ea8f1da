begin;
select plan(1);

select bag_eq(
  $$
    select distinct attrelid::regclass::text
    from pg_attribute
    inner join pg_class on attrelid = pg_class.oid
    where
      relnamespace = 'public'::regnamespace
      and relkind in ('r', 'p', 'v', 'm', 'f')
      and attnum > 0
      and not attisdropped
      and has_column_privilege('authenticated', attrelid, attnum, 'select')
  $$,
  array[
    'plan_generation_jobs', 'plan_job_costs', 'plan_job_schedules', 'plan_project_refreshes',
    'plan_project_skills', 'plan_project_tasks', 'plan_projects', 'plan_push_tokens',
    'plan_user_costs', 'weekly_base_plans'
  ],
  'everything else stays inside'
);

select * from finish();
rollback;
