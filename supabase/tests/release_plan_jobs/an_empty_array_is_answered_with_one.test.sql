begin;
select plan(1);

select is(public.release_plan_jobs('[]')::jsonb, '[]', 'no jobs, no answers');

select * from finish();
rollback;
