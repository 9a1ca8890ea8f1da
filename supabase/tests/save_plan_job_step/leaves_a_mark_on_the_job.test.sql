begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select is((tests.job('job')).has_steps, false, 'a new job has none');

select public.save_plan_job_step((tests.job('job')).id, tests.id('claim 1'), 'draft', '{}');

select is((tests.job('job')).has_steps, true, 'its end will look for them');

select * from finish();
rollback;
