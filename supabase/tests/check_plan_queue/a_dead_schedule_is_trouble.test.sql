begin;
select plan(4);

select tests.calm_queue();
select tests.forget_processors();
select tests.schedule();
select tests.run_all();
select is(tests.troubles(), '{}', 'while it lives, there is none');

delete from cron.job_run_details where true;
select is(
  tests.troubles(), array['degraded: dead_trigger', 'degraded: dead_trigger'], 'both are dead'
);
select alike(
  public.check_plan_queue() #>> '{reasons, 0, message}',
  'The schedule supajobs_process does not do its work. pg_cron has not run it yet: see %',
  'and what to do'
);
select alike(
  public.check_plan_queue() #>> '{reasons, 1, message}',
  'The schedule supajobs_cleanup does not do its work. %',
  'with each'
);

select * from finish();
rollback;
