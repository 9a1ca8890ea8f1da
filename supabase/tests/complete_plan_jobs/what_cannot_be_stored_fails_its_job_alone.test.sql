begin;
select plan(8);

select tests.make_store();
select tests.make_job('first');
select tests.make_job('wrong');
select tests.make_job('last');
select tests.make_job('plain');
select tests.claim('claim 1', 4);
create temp table call as
select
  jsonb_build_array(
    tests.entry('first', 'claim 1', '{"store": {"title": "Fox"}}'),
    tests.entry(
      'wrong', 'claim 1', '{"store": {}, "usage": {"model": "m", "cost_usd": 2}}'
    ),
    tests.entry('last', 'claim 1', '{"store": {"title": "Owl"}}'),
    tests.entry('plain', 'claim 1')
  ) as jobs;

select is(
  (select tests.outcomes(public.complete_plan_jobs(jobs)) from call),
  '{"first": "completed", "wrong": "failed", "last": "completed", "plain": "completed"}',
  'its neighbours are completed'
);
select is(
  (tests.job('wrong')).error,
  '{"code": "store_failed", "message": "The result could not be stored."}',
  'its user is told so, and nothing of the database'
);
select is(
  (tests.attempt('wrong', 'claim 1')).cause ->> 'exception', '23502', 'operators read the SQLSTATE'
);
select is(
  (tests.attempt('wrong', 'claim 1')).cause ->> 'message',
  'null value in column "title" of relation "stories" violates not-null constraint',
  'the message'
);
select matches(
  (tests.attempt('wrong', 'claim 1')).cause #>> '{frames, -2}',
  '^PL/pgSQL function app.store_story\(jsonb,jsonb\) line 1',
  'and the function'
);
select is((tests.cost()).cost_usd, 2::numeric, 'what it cost is not forgotten');
select is(
  (select tests.outcomes(public.complete_plan_jobs(jobs)) from call),
  '{"first": "completed", "wrong": "failed", "last": "completed", "plain": "completed"}',
  'a repeated call is told the same'
);
select is((select count(*) from app.stories), 2::bigint, 'and stores nothing');

select * from finish();
rollback;
