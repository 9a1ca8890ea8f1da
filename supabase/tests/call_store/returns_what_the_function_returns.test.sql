begin;
select plan(4);

select tests.make_store('return p_store || p_job;');
select is(
  supajobs.call_store('app.store_story', '{"n": 1}', '{"title": "Fox"}'),
  '{"n": 1, "title": "Fox"}',
  'an object'
);

select tests.make_store('return null;');
select is(
  supajobs.call_store('app.store_story', '{}', '{"title": "Owl"}'), '{}', 'an empty one for nothing'
);

select tests.make_store('return to_jsonb(1);');
select throws_ok(
  $$select supajobs.call_store('app.store_story', '{}', '{"title": "Elk"}')$$,
  '22023',
  'It returned JSON of type number, not an object.',
  'nothing else'
);
select throws_ok(
  $$select supajobs.call_store('app.nothing', '{}', '{}')$$,
  '42883',
  'There is no function app.nothing(jsonb, jsonb).',
  'nothing of one that is not there'
);

select * from finish();
rollback;
