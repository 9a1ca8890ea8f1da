begin;
select plan(4);

select hasnt_trigger(
  'public', 'plan_generation_jobs', 'plan_generation_jobs_wake', 'until then jobs pay nothing'
);
select is(public.start_plan_job_wakes() ->> 'outcome', 'started', 'started');
select is(public.start_plan_job_wakes() ->> 'outcome', 'started', 'and again');
select has_trigger('public', 'plan_generation_jobs', 'plan_generation_jobs_wake', 'there is one');

select * from finish();
rollback;
