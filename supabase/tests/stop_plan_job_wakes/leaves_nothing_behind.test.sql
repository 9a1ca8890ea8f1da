begin;
select plan(3);

select public.start_plan_job_wakes();

select is(public.stop_plan_job_wakes() ->> 'outcome', 'stopped', 'stopped');
select hasnt_trigger(
  'public', 'plan_generation_jobs', 'plan_generation_jobs_wake', 'jobs pay nothing'
);
select is(public.stop_plan_job_wakes() ->> 'outcome', 'stopped', 'also if they never started');

select * from finish();
rollback;
