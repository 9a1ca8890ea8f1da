begin;
select plan(4);

select tests.make_recurring('weekly');
select tests.make_recurring('nightly', null);
select is(
  public.update_plan_job_schedule(
    (tests.recurring('weekly')).id, tests.id('user b'), '{"priority": 8}'
  ) ->> 'outcome',
  'not_found',
  'of another user'
);
select is(
  public.update_plan_job_schedule(
    (tests.recurring('weekly')).id, null, '{"priority": 8}'
  ) ->> 'outcome',
  'not_found',
  'nor the system'
);
select is(
  public.update_plan_job_schedule(
    (tests.recurring('nightly')).id, null, '{"priority": 8}'
  ) ->> 'outcome',
  'updated',
  'which has its own'
);
select is((tests.recurring('weekly')).priority, 5::smallint, 'it is as it was');

select * from finish();
rollback;
