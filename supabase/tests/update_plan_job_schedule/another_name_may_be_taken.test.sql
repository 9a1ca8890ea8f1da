begin;
select plan(2);

select tests.make_recurring('weekly');
select tests.make_recurring('nightly');
select is(
  public.update_plan_job_schedule(
    (tests.recurring('weekly')).id, tests.id('user a'), '{"name": "nightly"}'
  ) ->> 'outcome',
  'name_taken',
  'taken'
);
select tests.refuses(
  'unknown_job_type',
  $$select public.update_plan_job_schedule(
    (tests.recurring('weekly')).id, tests.id('user a'), '{"job_type": "unheard of"}'
  )$$
);

select * from finish();
rollback;
