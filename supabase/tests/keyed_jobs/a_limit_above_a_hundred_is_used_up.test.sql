begin;
select plan(2);

insert into public.plan_job_types (job_type, max_running_per_user) values ('pgtap', 150);
select tests.make_user('user a');
select
  public.enqueue_plan_jobs(jsonb_agg(
    jsonb_build_object('user_id', tests.id('user a'), 'job_type', 'pgtap', 'trace_id', 'job ' || n)
  ))
from generate_series(1, 400) as n;
select is(array_length(tests.claim_names('claim 1', 1000), 1), 150);
update public.plan_job_types set max_running_per_user = null where job_type = 'pgtap';
select is(
  array_length(tests.claim_names('claim 2', 1000), 1), 250, 'nor does anything wait for none'
);

select * from finish();
rollback;
