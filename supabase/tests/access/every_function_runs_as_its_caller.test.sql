begin;
select plan(1);

-- A trigger has no caller: it runs as whoever happens to delete the row.
select bag_eq(
  $$
    select proname::text from pg_proc
    where
      pronamespace in ('public'::regnamespace, 'supajobs'::regnamespace)
      and prosecdef
      and prorettype <> 'trigger'::regtype
  $$,
  array[
    'describe_plan_schema', 'describe_plan_triggers', 'find_vacuum_blocker', 'lock_user_of',
    'set_up_plan_job_processing', 'try_lock_user'
  ],
  'but for those that look into what the service cannot see, and say why'
);

select * from finish();
rollback;
