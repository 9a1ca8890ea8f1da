begin;
select plan(1);

drop extension pg_cron;
select is(
  public.set_up_plan_job_processing('https://app.example/x', 'open sesame, again') ->> 'outcome',
  'unavailable'
);

select * from finish();
rollback;
