begin;
select plan(3);

select tests.make_recurring('of a');
select tests.make_recurring('of b', 'user b');
select tests.make_recurring('of nobody', null);
create temporary table all_of_it as select tests.recurring('of a') as schedule;
grant select on all_of_it to authenticated;

select is(
  (
    select array_agg(column_name order by column_name)
    from json_object_keys(
      supajobs.describe_schedule((select schedule from all_of_it))
    ) as column_name
  ),
  (
    select array_agg(attname::text order by attname::text) from pg_attribute
    where
      attrelid = 'public.plan_job_schedules'::regclass
      and attnum > 0
      and has_column_privilege('authenticated', attrelid, attnum, 'select')
  ),
  'the same columns as the functions answer'
);
select tests.sign_in('user a');
select set_eq('select name from public.plan_job_schedules', array['of a'], 'user a sees theirs');
select throws_ok(
  'select period_seconds from public.plan_job_schedules',
  'permission denied for table plan_job_schedules'
);

select * from finish();
rollback;
