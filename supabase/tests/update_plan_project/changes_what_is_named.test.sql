begin;
select plan(5);

select tests.make_project('website', '{"branch": "next"}');
select tests.make_project('other');
create temp table website as select (tests.project('website')).id;

select is(
  public.update_plan_project(
    (select id from website), tests.id('user a'), '{"name": "web", "branch": null}'
  ) #>> '{project, name}',
  'web',
  'answered as it is then'
);
select results_eq(
  $$select branch, plan_path from public.plan_projects where name = 'web'$$,
  $$values (null::text, 'PLAN.md')$$,
  'null takes the branch away; the rest stays'
);
select is(
  public.update_plan_project((select id from website), tests.id('user a'), '{"name": "other"}')
  ->> 'outcome',
  'name_taken',
  'a name that is taken'
);
select is(
  public.update_plan_project((select id from website), tests.id('user b'), '{"name": "mine"}')
  ->> 'outcome',
  'not_found',
  'somebody else''s'
);
select is((tests.project('web')).id, (select id from website), 'which is left as it was');

select * from finish();
rollback;
