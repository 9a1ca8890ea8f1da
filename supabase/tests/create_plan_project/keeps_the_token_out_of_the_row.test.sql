begin;
select plan(2);

select tests.make_project('secret', '{"token": "ciphertext"}');
select is(
  (select ciphertext from supajobs.project_secrets),
  'ciphertext',
  'it is kept'
);
select ok(
  (tests.project('secret')).has_token and to_jsonb(tests.project('secret'))::text !~ 'ciphertext',
  'the row says that there is one, and no more'
);

select * from finish();
rollback;
