begin;
select plan(1);

select tests.refuses('unknown_job_type', 'select public.resume_plan_jobs(''no such type'')');

select * from finish();
rollback;
