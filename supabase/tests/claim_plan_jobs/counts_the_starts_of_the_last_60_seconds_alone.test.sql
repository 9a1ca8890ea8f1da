begin;
select plan(1);

insert into public.plan_job_types (job_type, starts_per_minute) values ('pgtap', 3);
select tests.make_job('job ' || number) from generate_series(1, 10) as number;
insert into supajobs.starts (job_type, started_at, claim_id, jobs)
values
('pgtap', clock_timestamp() - interval '61 seconds', tests.id('claim a'), 3),
('pgtap', clock_timestamp() - interval '50 seconds', tests.id('claim b'), 2),
('pgtap 2', clock_timestamp(), tests.id('claim c'), 3);

select is(tests.claim_names('claim 1', 5), array['job 1'], 'one is left of this minute');

select * from finish();
rollback;
