begin;
select plan(2);

select is(supajobs.find_vacuum_blocker()::text, null, 'no transaction is that old');

set local role service_role;
select is(
  supajobs.find_vacuum_blocker(interval '1 day')::text, null, 'the service may ask'
);

select * from finish();
rollback;
