begin;
select plan(3);

insert into public.plan_job_types (job_type, max_running) values ('pgtap', 5);
select public.pause_plan_jobs('pgtap');
update public.plan_job_types set paused_at = now() - interval '1 hour' where job_type = 'pgtap';

select is(public.pause_plan_jobs('pgtap') ->> 'outcome', 'paused', 'it is paused');
select results_eq(
  $$
    select max_running, paused_max_running, paused_at from public.plan_job_types
    where job_type = 'pgtap'
  $$,
  $$values (0, 5, now() - interval '1 hour')$$,
  'since the first time, with the limit of then'
);

select public.resume_plan_jobs('pgtap');
select is(tests.limits('pgtap'), '{"pgtap": 5}', 'which comes back');

select * from finish();
rollback;
