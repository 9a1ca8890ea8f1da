begin;
select plan(5);

select tests.make_project('project ' || number) from generate_series(1, 9) as number;
select is(tests.make_project('project 10'), 'created', 'ten in an hour');
select public.delete_plan_project((tests.project('project 10')).id, tests.id('user a'));
create temp table answered as
select public.create_plan_project(
  tests.id('user a'), '{"name": "one more", "repository_url": "https://example.com/more"}'
)::jsonb as answer;
select is(
  answer ->> 'outcome', 'rate_limited', 'those that were deleted count as well'
) from answered;
select ok(
  (answer ->> 'retry_after')::integer between 1 and 3600, 'it says when there will be room'
) from answered;
select is(tests.make_project('project 9'), 'existing', 'what is there is answered all the same');
update supajobs.added_projects set added_at = added_at - interval '1 hour';
select is(tests.make_project('one more'), 'created', 'an hour later');

select * from finish();
rollback;
