begin;
select plan(1);

select is(
  (select count(distinct supajobs.new_id()) from generate_series(1, 5000)),
  5000::bigint,
  'five thousand ids, all different'
);

select * from finish();
rollback;
