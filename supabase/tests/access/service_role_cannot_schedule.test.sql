begin;
select plan(3);

set local role service_role;

select throws_ok(
  'select public.schedule_plan_job_processing()',
  'permission denied for function schedule_plan_job_processing'
);
select throws_ok(
  'select public.trigger_plan_job_processing()',
  'permission denied for function trigger_plan_job_processing'
);
select throws_ok(
  'select public.call_plan_processor()', 'permission denied for function call_plan_processor'
);

select * from finish();
rollback;
