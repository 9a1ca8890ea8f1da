begin;
select plan(2);

select tests.empty_queue();
select tests.make_job('job');
select tests.claim('claim 1');
select public.save_plan_job_step((tests.job('job')).id, tests.id('claim 1'), 'draft', '{}');
select tests.fail('job', 'claim 1', '{}', p_retryable => false);
update public.plan_generation_jobs set expires_at = now();

select public.cleanup_expired_plan_jobs();

select is_empty('select * from public.plan_job_attempts', 'the attempts are gone');
select is_empty('select * from supajobs.steps', 'the steps are gone');

select * from finish();
rollback;
