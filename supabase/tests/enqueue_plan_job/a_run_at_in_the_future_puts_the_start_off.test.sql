begin;
select plan(2);

select tests.make_user('user a');

select public.enqueue_plan_job(
  tests.id('user a'), 'training_plan', '{}', p_run_at => '2100-01-01', p_trace_id => 'job'
);

select is((tests.job('job')).run_at, '2100-01-01', 'the job waits until then');
select is((tests.job('job')).status, 'pending', 'it waits as a pending job');

select * from finish();
rollback;
