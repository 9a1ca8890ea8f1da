begin;
select plan(1);

insert into public.plan_job_types (job_type, max_running) values ('pgtap', 5), ('pgtap 2', 5);
select public.pause_plan_jobs();
update public.plan_job_types set max_running = 2 where job_type = 'pgtap';
update public.plan_job_types set max_running = null where job_type = 'pgtap 2';

select public.resume_plan_jobs();

select is(tests.limits('pgtap', 'pgtap 2'), '{"pgtap": 2, "pgtap 2": null}', 'as somebody made it');

select * from finish();
rollback;
