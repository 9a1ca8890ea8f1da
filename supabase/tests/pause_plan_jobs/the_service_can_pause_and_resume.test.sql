begin;
select plan(4);

insert into public.plan_job_types (job_type) values ('pgtap');

set local role service_role;
select is(public.pause_plan_jobs('pgtap') ->> 'outcome', 'paused', 'pause');
select is(public.resume_plan_jobs('pgtap') ->> 'outcome', 'resumed', 'resume');
select is(public.pause_plan_jobs() ->> 'outcome', 'paused', 'pause all');
select is(public.resume_plan_jobs() ->> 'outcome', 'resumed', 'resume all');

select * from finish();
rollback;
