begin;
select plan(1);

insert into public.plan_job_types (job_type, max_cost_per_user_month) values ('pgtap', 0);

select isnt(tests.make_job_with_key('job', 'ciphertext'), null, 'it is not our money');

select * from finish();
rollback;
