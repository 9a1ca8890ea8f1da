begin;
select plan(1);

select tests.make_user('user a');

select public.enqueue_plan_job(
  tests.id('user a'), 'training_plan', '{}', p_ttl_hours => 5, p_trace_id => 'job'
);

select is((tests.job('job')).ttl_hours, 5::smallint, 'the job is kept five hours after its end');

select * from finish();
rollback;
