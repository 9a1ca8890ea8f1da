begin;
select plan(1);

select tests.make_job('normal 1');
select tests.make_job('normal 2');
select tests.make_job('high', p_priority => 9);
select tests.make_job('of another type', p_job_type => 'pgtap 2');

select results_eq(
  $$
    select job_type, priority, floor from supajobs.lanes
    where job_type like 'pgtap%' order by job_type, priority
  $$,
  $$
    values
    ('pgtap', 5::smallint, 0::bigint), ('pgtap', 9::smallint, 0), ('pgtap 2', 5::smallint, 0)
  $$,
  'one for each type and priority'
);

select * from finish();
rollback;
