begin;
select plan(3);

select tests.schedule();
select tests.run_all();
select tests.call_processor('1 second', 202);

set local role service_role;
select throws_ok(
  'select * from cron.job_run_details', '42501', null, 'the runs are not for the service'
);
select is(tests.trigger() -> 'last_run_status', '"succeeded"', 'the last one is');
select is(
  public.describe_plan_triggers()::jsonb -> 'extensions',
  '{"pg_cron": true, "pg_net": true, "supabase_vault": true}',
  'what the project has'
);

select * from finish();
rollback;
