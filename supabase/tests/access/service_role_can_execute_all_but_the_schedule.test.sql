begin;
select plan(1);

select bag_eq(
  $$
    select proname::text from pg_proc
    where
      pronamespace in ('public'::regnamespace, 'supajobs'::regnamespace)
      and not has_function_privilege('service_role', oid, 'execute')
  $$,
  array[
    'call_processor', 'schedule_plan_job_processing', 'start_plan_job_broadcasts',
    'start_plan_job_wakes', 'start_plan_worker_calls', 'stop_plan_job_wakes',
    'stop_plan_worker_calls', 'trigger_processing'
  ],
  'the schedule belongs to the owner of the database'
);

select * from finish();
rollback;
