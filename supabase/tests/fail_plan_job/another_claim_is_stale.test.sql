begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');

select is(
  public.fail_plan_job((tests.job('job')).id, tests.id('claim 2'), '{}'),
  '{"outcome": "stale"}',
  'who does not hold the job cannot fail it'
);
select is((tests.job('job')).status, 'processing', 'it runs on');

select * from finish();
rollback;
