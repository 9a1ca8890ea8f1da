begin;
select plan(1);

insert into public.plan_job_types (job_type, max_running_per_user) values ('pgtap', 1);
select tests.make_job('job ' || n, null) from generate_series(1, 3) as n;
select is(tests.claim_names('claim 1', 9), array['job 1']);

select * from finish();
rollback;
