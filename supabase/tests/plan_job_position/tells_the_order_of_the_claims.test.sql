begin;
select plan(1);

select tests.make_job(format('%s%s', name, number), 'user ' || name, p_priority => priority)
from
  unnest(array['a', 'b', 'c']) as name,
  unnest(array[2, 7]) as priority,
  generate_series(1, 4) as number;
create temp table positions as
select
  id,
  (public.plan_job_position(id) ->> 'position_in_queue')::integer as position
from public.plan_generation_jobs where job_type = 'pgtap';

select tests.put_off_sweep();
create temp table claims as
select
  row_number() over () as number,
  (job ->> 'id')::uuid as id
from
  generate_series(1, 24) as claim,
  jsonb_array_elements(tests.claim('claim ' || claim)) as job;

select results_eq(
  'select id from positions order by position',
  'select id from claims order by number',
  'each is claimed as it was told'
);

select * from finish();
rollback;
