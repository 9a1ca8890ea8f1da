begin;
select plan(5);

set local role service_role;

select throws_ok(
  'select public.schedule_plan_job_processing()',
  'permission denied for function schedule_plan_job_processing'
);
select throws_ok(
  'select supajobs.trigger_processing()',
  'permission denied for function trigger_processing'
);
select throws_ok(
  'select supajobs.call_processor()', 'permission denied for function call_processor'
);
select throws_ok(
  'select public.start_plan_job_wakes()', 'permission denied for function start_plan_job_wakes'
);
select throws_ok(
  'select public.stop_plan_job_wakes()', 'permission denied for function stop_plan_job_wakes'
);

select * from finish();
rollback;
