begin;
select plan(1);

insert into public.plan_job_types (job_type, starts_per_minute) values ('pgtap', 10);
insert into supajobs.starts (job_type, started_at, claim_id, jobs)
values
('pgtap', clock_timestamp() - interval '2 minutes', tests.id('claim a'), 3),
('pgtap', clock_timestamp() - interval '30 seconds', tests.id('claim b'), 4);
select tests.make_job('job');

select tests.claim('claim 1');

select bag_eq(
  $$select jobs from supajobs.starts where job_type = 'pgtap'$$,
  array[4, 1],
  'what no longer counts is gone'
);

select * from finish();
rollback;
