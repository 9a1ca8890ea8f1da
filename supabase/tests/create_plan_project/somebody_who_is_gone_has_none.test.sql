begin;
select plan(1);

select throws_ok(
  $$
    select public.create_plan_project(
      tests.id('nobody'), '{"name": "one", "repository_url": "https://example.com/one"}'
    )
  $$,
  '23503',
  null,
  'its token outlives a user'
);

select * from finish();
rollback;
