begin;
select plan(5);

create schema "An App; "; -- noqa: RF05
set local search_path = "An App; ", public, extensions; -- noqa: RF05
create function "Store it"(jsonb, jsonb) returns jsonb language sql as 'select $2'; -- noqa: RF05
create function store_it(jsonb) returns jsonb language sql as 'select $1';

select is(
  supajobs.find_store('"An App; "."Store it"'),
  '"Store it"(jsonb, jsonb)'::regprocedure,
  'quoted where it has to be'
);
select is(
  supajobs.call_store('"An App; "."Store it"', '{}', '{"n": 1}'), '{"n": 1}', 'it is called so'
);
select is(supajobs.find_store('An App; .Store it'), null, 'never without the quotes');
select is(supajobs.find_store('"Store it"'), null, 'never by where somebody looks first');
select is(supajobs.find_store('"An App; ".store_it'), null, 'never with other arguments');

select * from finish();
rollback;
