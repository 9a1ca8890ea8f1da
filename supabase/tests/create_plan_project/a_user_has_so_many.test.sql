begin;
select plan(2);

select tests.make_user('user a');
select public.create_plan_project(
  tests.id('user a'), '{"name": "one", "repository_url": "https://example.com/one"}', 1
);
select is(
  public.create_plan_project(
    tests.id('user a'), '{"name": "two", "repository_url": "https://example.com/two"}', 1
  ) ->> 'outcome',
  'too_many',
  'no more than that'
);
select is(
  public.create_plan_project(
    tests.id('user a'), '{"name": "one", "repository_url": "https://example.com/one"}', 1
  ) ->> 'outcome',
  'existing',
  'the last one is answered all the same'
);

select * from finish();
rollback;
