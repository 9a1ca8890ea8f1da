begin;
select plan(3);

insert into public.plan_job_types (job_type, max_running_per_user) values ('pgtap', 1);
select tests.make_job('job 1');
select tests.make_job('job 2');
select tests.claim('claim 1', 9);
select tests.release('job 1', 'claim 1');
select is(tests.claim_names('claim 2', 9), array['job 1'], 'what was given back');
update public.plan_generation_jobs set lease_expires_at = now() - interval '1 hour'
where trace_id = 'job 1';
update supajobs.sweeps set swept_at = '-infinity';
select is(tests.claim_names('claim 3', 9), array['job 1'], 'what was lost');
select is((tests.job('job 2')).is_held, true);

select * from finish();
rollback;
