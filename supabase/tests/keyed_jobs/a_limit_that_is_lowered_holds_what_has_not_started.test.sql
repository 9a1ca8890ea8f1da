begin;
select plan(5);

insert into public.plan_job_types (job_type, max_running, max_running_per_user)
values ('pgtap', 0, 3);
select tests.make_job('job ' || n) from generate_series(1, 5) as n;
select is(tests.claim_names('claim 1', 9), '{}', 'three have a turn, and none starts');
update public.plan_job_types set max_running = null, max_running_per_user = 1
where job_type = 'pgtap';
select is(tests.claim_names('claim 2', 9), array['job 1']);

update public.plan_job_types set max_running = 0, max_running_per_user = null
where job_type = 'pgtap';
select is(tests.claim_names('claim 3', 9), '{}', 'without a limit all have a turn');
update public.plan_job_types set max_running = null, max_running_per_project = 1
where job_type = 'pgtap';
update public.plan_job_types set max_running_per_user = 2 where job_type = 'pgtap';
select is(tests.claim_names('claim 4', 9), array['job 2'], 'beside the one that runs');
select tests.complete('job 1', 'claim 2');
select is(tests.claim_names('claim 5', 9), array['job 3'], 'the others in their order');

select * from finish();
rollback;
