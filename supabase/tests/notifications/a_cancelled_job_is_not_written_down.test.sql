begin;
select plan(1);

insert into public.plan_job_types (job_type, notifies) values ('told', true);
select tests.make_job('pending', p_job_type => 'told');
select tests.make_job('running', p_job_type => 'told');
select tests.claim('claim', 1, 'told');
select public.cancel_plan_job(id, user_id)
from public.plan_generation_jobs where trace_id in ('pending', 'running');
select tests.complete(trace_id, 'claim')
from public.plan_generation_jobs where trace_id in ('pending', 'running');

select is(
  tests.notifications('pending') || tests.notifications('running'), '{}', 'who did it knows'
);

select * from finish();
rollback;
