begin;
select plan(1);

select matches(
  supajobs.new_id()::text,
  '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
  'version 7, variant 1'
);

select * from finish();
rollback;
