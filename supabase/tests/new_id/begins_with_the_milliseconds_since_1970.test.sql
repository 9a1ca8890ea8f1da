begin;
select plan(1);

create temp table made as
select ('x' || left(replace(supajobs.new_id()::text, '-', ''), 12))::bit(48)::bigint
  as milliseconds;

select ok(
  (
    select to_timestamp(milliseconds / 1000.0) between now() - interval '1 ms' and clock_timestamp()
    from made
  ),
  'so that other tools can read the time'
);

select * from finish();
rollback;
