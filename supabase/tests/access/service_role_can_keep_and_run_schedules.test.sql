begin;
select plan(6);

select tests.empty_queue();
select tests.make_user('user a');
insert into public.plan_job_types (job_type) values ('pgtap');
set local role service_role;
select is(
  public.create_plan_job_schedule(
    tests.id('user a'),
    jsonb_build_object(
      'name', 'weekly', 'job_type', 'pgtap', 'interval_seconds', 60,
      'next_run_at', now() - interval '1 minute', 'period_seconds', 60
    )
  ) ->> 'outcome',
  'created',
  'made'
);
select cmp_ok(
  json_array_length(public.get_due_plan_job_schedules() -> 'schedules'), '>', 0, 'it is due'
);
select is(tests.take('weekly'), 'created', 'taken');
select is(
  public.update_plan_job_schedule(
    (tests.recurring('weekly')).id, tests.id('user a'), '{"is_paused": true}'
  ) ->> 'outcome',
  'updated',
  'changed'
);
select is(
  public.delete_plan_job_schedule((tests.recurring('weekly')).id, tests.id('user a')) ->> 'outcome',
  'deleted',
  'deleted'
);
select is(tests.params_of_jobs(), '[{}]', 'one job');

select * from finish();
rollback;
