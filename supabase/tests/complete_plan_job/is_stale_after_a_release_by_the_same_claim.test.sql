begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select public.release_plan_job((tests.job('job')).id, tests.id('claim 1'));

select is(
  public.complete_plan_job((tests.job('job')).id, tests.id('claim 1')),
  '{"outcome": "stale"}',
  'an attempt ends once'
);
select is((tests.job('job')).status, 'pending', 'the job waits for the next worker');

select * from finish();
rollback;
