begin;
select plan(2);

select is(public.start_plan_worker_calls() ->> 'outcome', 'unavailable', 'unavailable');
select hasnt_trigger(
  'public', 'plan_generation_jobs', 'plan_generation_jobs_call_workers', 'and jobs pay nothing'
);

select * from finish();
rollback;
