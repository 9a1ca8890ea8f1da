begin;
select plan(2);

insert into public.plan_job_types (job_type, max_running_per_user) values ('pgtap', 1);
select tests.make_job('job ' || n) from generate_series(1, 3) as n;
select is(tests.claim_names('claim 1', 9), array['job 1']);
update public.plan_job_types set max_running_per_user = 5 where job_type = 'pgtap';
select tests.make_job('job 4');
select is(tests.claim_names('claim 2', 9), array['job 2', 'job 3', 'job 4']);

select * from finish();
rollback;
