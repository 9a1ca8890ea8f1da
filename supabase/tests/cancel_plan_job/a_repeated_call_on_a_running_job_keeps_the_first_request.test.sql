begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));
create temp table before as select * from tests.job('job');

select is(
  public.cancel_plan_job((tests.job('job')).id, tests.id('user a')) ->> 'outcome',
  'requested',
  'the answer is the same'
);
select is(
  (tests.job('job')).cancel_requested_at,
  (select cancel_requested_at from before),
  'and so is the time of the request'
);

select * from finish();
rollback;
