begin;
select plan(2);

select is(
  (select count(*)::integer from public.plan_job_messages where job_type = 'training_plan'),
  2,
  'training plans have a text for each end'
);
delete from public.plan_job_types where job_type = 'training_plan';
select is_empty(
  $$select from public.plan_job_messages where job_type = 'training_plan'$$, 'until they go'
);

select * from finish();
rollback;
