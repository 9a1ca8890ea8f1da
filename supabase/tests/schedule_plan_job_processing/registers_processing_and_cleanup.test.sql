begin;
select plan(2);

select is(
  public.schedule_plan_job_processing(), '{"outcome": "scheduled"}', 'both are scheduled'
);
select results_eq(
  $$
    select jobname, schedule, command, active from cron.job
    where jobname like 'supajobs%' order by jobname
  $$,
  $$
    values
    (
      'supajobs_cleanup', '* * * * *',
      'select public.cleanup_expired_plan_jobs(), supajobs.cleanup_notifications()', true
    ),
    ('supajobs_process', '30 seconds', 'select supajobs.trigger_processing()', true)
  $$,
  'their commands hold no address and no secret'
);

select * from finish();
rollback;
