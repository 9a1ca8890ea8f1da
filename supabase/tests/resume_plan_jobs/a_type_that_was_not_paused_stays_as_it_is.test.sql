begin;
select plan(2);

insert into public.plan_job_types (job_type, max_running) values ('pgtap', 0);

select is(
  public.resume_plan_jobs('pgtap')::jsonb, '{"outcome": "resumed", "job_types": []}', 'none'
);
select is(tests.limits('pgtap'), '{"pgtap": 0}', 'somebody holds it back by hand');

select * from finish();
rollback;
