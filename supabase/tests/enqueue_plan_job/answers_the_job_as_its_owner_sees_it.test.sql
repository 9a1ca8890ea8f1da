begin;
select plan(1);

select tests.make_user('user a');

create temp table answer as
select public.enqueue_plan_job(
  tests.id('user a'), 'training_plan', '{}', p_trace_id => 'job'
)::jsonb as enqueued;

select is(
  (select enqueued -> 'job' from answer),
  supajobs.describe_job(tests.job('job'))::jsonb,
  'the answer is the job without its internal columns'
);

select * from finish();
rollback;
