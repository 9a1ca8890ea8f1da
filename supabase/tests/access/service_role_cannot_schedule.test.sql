begin;
select plan(2);

set local role service_role;

select throws_ok(
  'select public.schedule_plan_job_processing()',
  'permission denied for function schedule_plan_job_processing'
);
select throws_ok(
  'select public.trigger_plan_job_processing()',
  'permission denied for function trigger_plan_job_processing'
);

select * from finish();
rollback;
