begin;
select plan(4);

select is(tests.make_project('website'), 'created', 'of one user');
select is(tests.make_project('website'), 'existing', 'a repeated request finds it');
select is(
  tests.make_project('website', '{"branch": "next"}'), 'name_taken', 'another one has another name'
);
select is(tests.make_project('website', '{}', 'user b'), 'created', 'of another user');

select * from finish();
rollback;
