begin;
select plan(5);

select tests.make_job('job');

create temp table answer as
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a')) as cancelled;

select is((select cancelled ->> 'outcome' from answer), 'cancelled', 'the user is told');
select is(
  (select cancelled -> 'job' from answer),
  supajobs.describe_job(tests.job('job'))::jsonb,
  'and gets the job as it is now'
);
select is((tests.job('job')).status, 'cancelled', 'the job is cancelled');
select isnt((tests.job('job')).cancel_requested_at, null, 'at the wish of the user');
select is(
  (tests.job('job')).expires_at - (tests.job('job')).completed_at,
  interval '72 hours',
  'it is kept for its time to live'
);

select * from finish();
rollback;
