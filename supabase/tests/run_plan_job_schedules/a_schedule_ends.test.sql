begin;
select plan(2);

select tests.empty_queue();
select tests.make_recurring('weekly');
select public.run_plan_job_schedules(
  jsonb_build_array(tests.run_of('weekly') || '{"next_run_at": null, "period_seconds": null}')
);
select is((tests.recurring('weekly')).next_run_at, null, 'after this one');
select is(tests.params_of_jobs(), '[{}]', 'which is a job');

select * from finish();
rollback;
