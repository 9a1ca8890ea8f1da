begin;
select plan(3);

insert into public.plan_job_types (job_type, max_running_per_user) values ('pgtap', 1);
select tests.make_job('parent', p_job_type => 'other');
select tests.make_child('child', array['parent']);
select tests.make_job('job 1');
select is(tests.claim_names('claim 1', 9), array['job 1'], 'a job that waits takes no place');
select tests.claim('claim 2', 1, 'other');
select tests.complete('parent', 'claim 2');
select is(tests.claim_names('claim 3', 9), '{}');
select tests.complete('job 1', 'claim 1');
select is(tests.claim_names('claim 4', 9), array['child']);

select * from finish();
rollback;
