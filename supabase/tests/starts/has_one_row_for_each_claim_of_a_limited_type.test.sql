begin;
select plan(1);

insert into public.plan_job_types (job_type, max_running, starts_per_minute)
values ('one', 5, null), ('two', null, 5);
select tests.make_job(job_type || ' ' || number, p_job_type => job_type)
from unnest(array['one', 'two', 'pgtap']) as job_type, generate_series(1, 2) as number;

select public.claim_plan_jobs(tests.id('claim 1'), 'worker 1', 9, '{one, two, pgtap}');

select bag_eq(
  $$
    select starts.job_type, starts.jobs
    from supajobs.starts as starts where job_type in ('one', 'two', 'pgtap')
  $$,
  $$values ('one', 2), ('two', 2)$$,
  'an unlimited type leaves none'
);

select * from finish();
rollback;
