begin;
select plan(2);

select tests.make_job('job');

set local role authenticated;
select is_empty('select id from public.plan_generation_jobs', 'no jobs');
select is_empty('select id from public.weekly_base_plans', 'no plans');

select * from finish();
rollback;
