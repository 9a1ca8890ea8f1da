begin;
select plan(1);

select tests.schedule(p_age => '1 day');

select public.schedule_plan_job_processing();

select results_eq(
  $$
    select name, scheduled_at >= now() from supajobs.trigger_schedules order by name
  $$,
  $$values ('supajobs_cleanup', true), ('supajobs_process', true)$$,
  'a change is a new beginning'
);

select * from finish();
rollback;
