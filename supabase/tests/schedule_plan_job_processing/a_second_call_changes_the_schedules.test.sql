begin;
select plan(1);

select public.schedule_plan_job_processing();

select public.schedule_plan_job_processing('* * * * *', '5 4 * * *');

select results_eq(
  $$
    select jobname, schedule from cron.job where jobname like 'supajobs%' order by jobname
  $$,
  $$values ('supajobs_cleanup', '5 4 * * *'), ('supajobs_process', '* * * * *')$$,
  'there are still two'
);

select * from finish();
rollback;
