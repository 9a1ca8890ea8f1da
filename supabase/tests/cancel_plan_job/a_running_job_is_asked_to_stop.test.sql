begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');

select is(
  public.cancel_plan_job((tests.job('job')).id, tests.id('user a')) ->> 'outcome',
  'requested',
  'its worker will hear of it'
);
select is((tests.job('job')).status, 'processing', 'until then it runs on');
select isnt((tests.job('job')).cancel_requested_at, null, 'the request is on the job');

select * from finish();
rollback;
