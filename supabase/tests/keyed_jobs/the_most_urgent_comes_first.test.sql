begin;
select plan(1);

insert into public.plan_job_types (job_type, max_running_per_user) values ('pgtap', 1);
select tests.make_job('job 1');
select tests.claim('claim 1');
select tests.make_job('job 2');
select tests.make_job('job 3', p_priority => 9);
select tests.complete('job 1', 'claim 1');
select is(tests.claim_names('claim 2', 9), array['job 3']);

select * from finish();
rollback;
