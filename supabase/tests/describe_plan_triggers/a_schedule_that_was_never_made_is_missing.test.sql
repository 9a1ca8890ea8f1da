begin;
select plan(2);

select cron.unschedule(jobname) from cron.job where jobname like 'supajobs%';

select is(public.describe_plan_triggers()::jsonb -> 'schedules', '[]', 'there is none');
select cron.schedule('supajobs_cleanup', '* * * * *', 'select 1');
select is(
  jsonb_path_query_array(public.describe_plan_triggers()::jsonb, '$.schedules[*].name'),
  '["supajobs_cleanup"]',
  'there is one, made by hand'
);

select * from finish();
rollback;
