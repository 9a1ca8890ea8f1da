begin;
select plan(4);

insert into public.plan_job_types (job_type, max_running_per_user) values ('pgtap', 1);
select tests.make_job('job 1');
select tests.make_job('job 2');
select is(tests.claim_names('claim 1', 9), array['job 1']);
select tests.fail('job 1', 'claim 1', p_retry_after => 60);
select is(tests.claim_names('claim 2', 9), array['job 2'], 'the other one runs meanwhile');
update public.plan_generation_jobs set run_at = now() - interval '1 second'
where trace_id = 'job 1';
select is(tests.claim_names('claim 3', 9), '{}', 'the first one waits again when it is due');
select tests.complete('job 2', 'claim 2');
select is(tests.claim_names('claim 4', 9), array['job 1']);

select * from finish();
rollback;
