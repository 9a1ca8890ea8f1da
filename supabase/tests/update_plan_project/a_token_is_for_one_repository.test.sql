begin;
select plan(4);

select tests.make_project('secret', '{"token": "ciphertext"}');
create temp table secret as select (tests.project('secret')).id;

select public.update_plan_project((select id from secret), tests.id('user a'), '{"branch": "x"}');
select is((tests.project('secret')).has_token, true, 'it is kept when other things change');
select public.update_plan_project(
  (select id from secret), tests.id('user a'), '{"repository_url": "https://example.org/else"}'
);
select is((tests.project('secret')).has_token, false, 'another repository does not get it');
select is_empty('select * from supajobs.project_secrets', 'it is forgotten');
select public.update_plan_project(
  (select id from secret), tests.id('user a'), '{"token": "another"}'
);
select is((select ciphertext from supajobs.project_secrets), 'another', 'a new one is kept');

select * from finish();
rollback;
