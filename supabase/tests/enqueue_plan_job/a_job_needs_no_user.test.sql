begin;
select plan(3);

insert into public.plan_job_types (job_type, notifies) values ('pgtap', true);
create temp table answer as
select public.enqueue_plan_job(null, 'pgtap', '{"n": 1}')::jsonb as told;
select is((select told ->> 'outcome' from answer), 'created', 'it is a job of the system');
select is((select told -> 'job' -> 'user_id' from answer), 'null', 'and says so');
select is(
  (
    select job.notifies from public.plan_generation_jobs as job
    inner join answer on job.id = (answer.told #>> '{job, id}')::uuid
  ),
  false,
  'there is nobody to notify, whatever its type says'
);

select * from finish();
rollback;
