begin;
select plan(2);

select tests.make_user('user a');
select public.enqueue_plan_job(
  tests.id('user a'), 'training_plan', '{}', p_idempotency_key => 'key', p_trace_id => 'job'
);
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));

create temp table answer as
select public.enqueue_plan_job(
  tests.id('user a'), 'training_plan', '{}', p_idempotency_key => 'key'
) as enqueued;

select is((select enqueued ->> 'outcome' from answer), 'existing', 'no second job is made');
select is(
  (select enqueued #>> '{job, status}' from answer), 'cancelled', 'the ended job is returned'
);

select * from finish();
rollback;
