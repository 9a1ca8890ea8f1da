begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.suspend('job', 'claim 1');

select is(
  public.cancel_plan_job((tests.job('job')).id, tests.id('user a')) ->> 'outcome',
  'cancelled',
  'it ends at once'
);
select is((tests.job('job')).waiting_for, null, 'and waits for nothing any more');
select public.retry_plan_job((tests.job('job')).id, tests.id('user a'));
select tests.claim('claim 2');
select is(
  tests.found('job', 'claim 2') -> 'waits', '{"approval": false}', 'a retry goes on with the wait'
);

select * from finish();
rollback;
