begin;
select plan(3);

insert into public.plan_job_types (job_type, max_running_per_user) values ('pgtap', 1);
select tests.make_job('job 1');
select tests.claim('claim 1');
select tests.fail('job 1', 'claim 1', p_retryable => false);
select tests.make_job('job 2');
select is(tests.claim_names('claim 2', 9), array['job 2']);
select public.retry_plan_job((tests.job('job 1')).id, tests.id('user a'));
select is(tests.claim_names('claim 3', 9), '{}');
select tests.complete('job 2', 'claim 2');
select is(tests.claim_names('claim 4', 9), array['job 1']);

select * from finish();
rollback;
