begin;
select plan(4);

select tests.make_recurring('first');
select is(
  public.create_plan_job_schedule(
    tests.id('user a'), to_jsonb(tests.recurring('first')) || '{"name": "second"}', 1
  ) ->> 'outcome',
  'too_many',
  'no more than that'
);
select is(
  public.create_plan_job_schedule(
    tests.id('user a'), to_jsonb(tests.recurring('first')), 1
  ) ->> 'outcome',
  'existing',
  'what is there is found all the same'
);
select is(tests.make_recurring('of b', 'user b'), 'created', 'each user has their own');
select is(
  public.create_plan_job_schedule(
    null, to_jsonb(tests.recurring('first')), 0
  ) ->> 'outcome',
  'created',
  'the system has any number'
);

select * from finish();
rollback;
