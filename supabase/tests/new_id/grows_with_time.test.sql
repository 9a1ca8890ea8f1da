begin;
select plan(2);

-- Ids of the same microsecond differ only in their random part: compare what comes before it.
create temp table made as
select
  number,
  left(supajobs.new_id()::text, 18) as time_part
from generate_series(1, 5000) as number;

select results_eq(
  'select time_part from made order by number',
  'select time_part from made order by time_part',
  'no id is smaller than the one before'
);
select cmp_ok(
  (select count(distinct time_part) from made), '>', 1000::bigint,
  'the fraction of a millisecond counts'
);

select * from finish();
rollback;
