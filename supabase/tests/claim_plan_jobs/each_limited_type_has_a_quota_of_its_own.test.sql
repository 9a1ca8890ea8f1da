begin;
select plan(1);

insert into public.plan_job_types (job_type, max_running) values ('one', 1), ('two', 2);
select tests.make_job(job_type || ' ' || number, p_job_type => job_type)
from unnest(array['one', 'two']) as job_type, generate_series(1, 5) as number;

select bag_eq(
  $$
    select job ->> 'trace_id'
    from json_array_elements(
      public.claim_plan_jobs(tests.id('claim 1'), 'worker 1', 9, '{one, two}')
    ) as job
  $$,
  array['one 1', 'two 1', 'two 2'],
  'whatever the other has used'
);

select * from finish();
rollback;
