begin;
select plan(3);

insert into public.plan_job_types (job_type) values ('pgtap');

select lives_ok('select supajobs.lock_job_types(null)', 'all');
select lives_ok('select supajobs.lock_job_types(''pgtap'')', 'one');
select tests.refuses('unknown_job_type', 'select supajobs.lock_job_types(''no such type'')');

select * from finish();
rollback;
