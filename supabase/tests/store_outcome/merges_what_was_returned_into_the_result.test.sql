begin;
select plan(7);

select tests.make_job('job');
create function tests.store(p_result jsonb, p_returned text) returns jsonb
language sql
set search_path = ''
as $$
  select tests.make_store('return ' || quote_literal(p_returned) || ';');
  select supajobs.store_outcome(
    tests.job('job'), p_result, null, jsonb_build_object('title', gen_random_uuid())
  )
$$;

select is(
  tests.store('{"a": 1, "b": 1}', '{"b": 2}'),
  '{"plan_id": null, "result": {"a": 1, "b": 2}}',
  'over what it has of the same name'
);
select is(
  tests.store(null, '{"b": 2}'),
  '{"plan_id": null, "result": {"b": 2}}',
  'it is the result where there is no other'
);
select is(
  tests.store('"told"', '{}'),
  '{"plan_id": null, "result": "told"}',
  'a result of another kind stays where there is nothing to merge'
);
select throws_ok(
  $$select tests.store('"told"', '{"b": 2}')$$,
  '22023',
  'What it returned cannot be merged into a result that is not an object.',
  'and is not thrown away where there is'
);
select is(
  tests.store('{"a": 1}', format('{"plan_id": "%s"}', tests.id('a plan'))),
  jsonb_build_object('plan_id', tests.id('a plan'), 'result', '{"a": 1}'::jsonb),
  'plan_id is for the job, and not for its result'
);
select throws_ok(
  $$select tests.store(null, '{"plan_id": "mine"}')$$, '22P02', null, 'and has to be one'
);

select throws_ok(
  $$select tests.store('{}', json_build_object('a', repeat('x', 10485760))::text)$$,
  '22023',
  'With what it returned the result has more than 10 MB.',
  'a result has its bound, whoever has made it'
);

select * from finish();
rollback;
