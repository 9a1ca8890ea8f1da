begin;
select plan(3);

insert into public.plan_job_types (job_type, max_running_per_user) values ('pgtap', 1);
select tests.make_job('job ' || n) from generate_series(1, 3) as n;
select is(tests.claim_names('claim 1', 9), array['job 1']);
select public.cancel_plan_job((tests.job('job 2')).id, tests.id('user a'));
delete from public.plan_generation_jobs where trace_id = 'job 1';
select is(tests.claim_names('claim 2', 9), array['job 3']);
select is((select count(*) from supajobs.keyed_jobs where job_type = 'pgtap'), 1::bigint);

select * from finish();
rollback;
