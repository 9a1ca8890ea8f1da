begin;
select plan(2);

delete from public.plan_generation_jobs where true;
delete from supajobs.unsuccessful_attempts where true;
delete from supajobs.lanes where true;
delete from public.plan_job_types where true;

select is(public.describe_plan_queue()::jsonb -> 'job_types', '[]', 'there is no type');
select is(
  public.describe_plan_queue()::jsonb #> '{total, pending}', '0', 'and nothing waits'
);

select * from finish();
rollback;
