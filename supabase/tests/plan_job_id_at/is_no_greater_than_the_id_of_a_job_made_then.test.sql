begin;
select plan(2);

create temp table made as
select
  clock_timestamp() as before,
  supajobs.new_id() as id,
  clock_timestamp() + interval '1 microsecond' as after
from generate_series(1, 1000);

select is_empty(
  'select before, id from made where public.plan_job_id_at(before) > id',
  'a job of that time, or later, is found'
);
select is_empty(
  'select id, after from made where public.plan_job_id_at(after) <= id',
  'one from before it is not'
);

select * from finish();
rollback;
