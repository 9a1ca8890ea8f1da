begin;
select plan(2);

create temp table made as
select
  number,
  public.plan_job_id_at('2026-11-22 12:00:00+00'::timestamptz + number * interval '1 us') as id
from generate_series(1, 5000) as number;

select results_eq(
  'select number from made order by id', 'select number from made order by number', 'in its order'
);
select is((select count(distinct id) from made), 5000::bigint, 'no two times share one');

select * from finish();
rollback;
