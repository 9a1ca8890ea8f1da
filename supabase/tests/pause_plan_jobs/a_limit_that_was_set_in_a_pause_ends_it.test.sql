begin;
select plan(3);

insert into public.plan_job_types (job_type, max_running) values ('pgtap', 5);
select tests.make_job('job');
select public.pause_plan_jobs('pgtap');
update public.plan_job_types set max_running = 2 where job_type = 'pgtap';

select is(tests.claim_names('claim 1'), array['job'], 'jobs start');
select public.pause_plan_jobs('pgtap');
select is(tests.limits('pgtap'), '{"pgtap": 0}', 'until the next pause');
select public.resume_plan_jobs('pgtap');
select is(tests.limits('pgtap'), '{"pgtap": 2}', 'which keeps the limit of then');

select * from finish();
rollback;
