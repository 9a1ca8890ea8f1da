begin;
select plan(3);

insert into public.plan_job_types (job_type, starts_per_minute) values ('pgtap', 3);
select tests.make_job('job ' || number) from generate_series(1, 10) as number;

select is(tests.claim_names('claim 1', 2), array['job 1', 'job 2'], 'two of three');
select tests.complete('job 1', 'claim 1');
select is(tests.claim_names('claim 2', 5), array['job 3'], 'one is left');
select tests.complete('job 3', 'claim 2');
select is(tests.claim_names('claim 3', 5), array[]::text[], 'a job that has ended did start');

select * from finish();
rollback;
