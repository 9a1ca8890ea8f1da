begin;
select plan(3);

select tests.refuses('jobs_per_worker_out_of_range', 'select public.describe_plan_scale(0)');
select tests.refuses('jobs_per_worker_out_of_range', 'select public.describe_plan_scale(1001)');
select tests.refuses('jobs_per_worker_out_of_range', 'select public.describe_plan_scale(null)');

select * from finish();
rollback;
