begin;
select plan(10);

select tests.make_store();
create function app.tell(jsonb, jsonb) returns text language sql as 'select null';
create function app.list(jsonb, jsonb) returns setof jsonb language sql as 'select $1';
create procedure app.do_it(jsonb, jsonb) language sql as 'select $1';

select is(supajobs.explain_store('app.store_story'), null, 'nothing of one that is well');
select is(supajobs.explain_store('supajobs.store_plan'), null, 'nor of the one that keeps plans');
select is(
  supajobs.explain_store('app.stor_story') ->> 'problem',
  'There is no function app.stor_story(jsonb, jsonb).',
  'one that is not there'
);
select is(
  supajobs.explain_store('app.tell') ->> 'problem',
  'The function app.tell(jsonb,jsonb) does not return jsonb.',
  'one that returns something else'
);
select is(
  supajobs.explain_store('app.list') ->> 'problem',
  'The function app.list(jsonb,jsonb) does not return jsonb.',
  'one that returns many'
);
select is(
  supajobs.explain_store('app.do_it') ->> 'problem',
  'The function app.do_it(jsonb,jsonb) does not return jsonb.',
  'one that is a procedure'
);

grant usage on schema app to anon, authenticated;
grant execute on function app.store_story to authenticated;
select is(
  supajobs.explain_store('app.store_story') ->> 'problem',
  'Clients (authenticated) may execute app.store_story(jsonb,jsonb).',
  'one that clients can call'
);
grant execute on function app.store_story to public;
select is(
  supajobs.explain_store('app.store_story') ->> 'hint',
  'revoke execute on function app.store_story(jsonb,jsonb) from public, anon, authenticated; '
  || 'grant execute on function app.store_story(jsonb,jsonb) to service_role;',
  'with the statements that close it'
);
revoke all on function app.store_story from public, anon, authenticated, service_role;
select is(
  supajobs.explain_store('app.store_story'),
  '{
    "problem": "service_role may not execute app.store_story(jsonb,jsonb).",
    "hint": "grant execute on function app.store_story(jsonb,jsonb) to service_role;"
  }',
  'one that the service cannot call'
);
revoke usage on schema app from service_role;
select is(
  supajobs.explain_store('app.store_story'),
  '{
    "problem": "service_role may not use the schema of app.store_story(jsonb,jsonb).",
    "hint": "grant usage on schema app to service_role;"
  }',
  'one that it cannot reach'
);

select * from finish();
rollback;
