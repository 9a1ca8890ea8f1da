begin;
select plan(5);

select tests.make_project('website', '{"token": "of the repository"}');
create temp table website as select (tests.project('website')).id;

select is(
  public.get_plan_project_webhook((select id from website))::jsonb, null, 'at first it has none'
);
select is(
  public.set_plan_project_webhook((select id from website), tests.id('user b'), 'ciphertext')
  ->> 'outcome',
  'not_found',
  'somebody else gives it none'
);
select is(
  public.set_plan_project_webhook((select id from website), tests.id('user a'), 'ciphertext')
  ->> 'outcome',
  'updated',
  'its user does'
);
select is(
  public.get_plan_project_webhook((select id from website))::jsonb,
  jsonb_build_object('user_id', tests.id('user a'), 'ciphertext', 'ciphertext'),
  'then it is told'
);
select public.set_plan_project_webhook((select id from website), tests.id('user a'), null);
select results_eq(
  'select name, ciphertext from supajobs.project_secrets',
  $$values ('token', 'of the repository')$$,
  'what is taken away again leaves the token'
);

select * from finish();
rollback;
