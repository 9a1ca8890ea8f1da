begin;
select plan(4);

select tests.make_job('job', p_run_at => now() + interval '1 hour');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));

select is(
  public.retry_plan_job((tests.job('job')).id, tests.id('user a')) ->> 'outcome',
  'retried',
  'the user has changed their mind'
);
select is((tests.job('job')).status, 'pending', 'the job waits for a worker');
select ok((tests.job('job')).run_at <= clock_timestamp(), 'it does not wait for its first run_at');
select is((tests.job('job')).cancel_requested_at, null, 'the wish to cancel is forgotten');

select * from finish();
rollback;
