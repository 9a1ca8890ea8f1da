begin;
select plan(2);

select cron.unschedule(jobname) from cron.job where jobname like 'supajobs%';
select results_eq(
  'select name, is_alive, reason from public.plan_trigger_health order by name',
  $$
    values
    (
      'supajobs_cleanup', false,
      'It was never made: select public.schedule_plan_job_processing();'
    ),
    (
      'supajobs_process', false,
      'It was never made: select public.schedule_plan_job_processing();'
    )
  $$,
  'also where there is none'
);

select tests.schedule();
select tests.run('1 second');
select tests.call_processor('1 second', 202);
set local role service_role;
select results_eq(
  $$
    select schedule, is_alive, reason, last_run_at, last_run_status, last_answer_status
    from public.plan_trigger_health where name = 'supajobs_process'
  $$,
  $$
    values (
      '30 seconds', true, null::text, now() - interval '1 second', 'succeeded', 202
    )
  $$,
  'as describe_plan_triggers tells it'
);

select * from finish();
rollback;
