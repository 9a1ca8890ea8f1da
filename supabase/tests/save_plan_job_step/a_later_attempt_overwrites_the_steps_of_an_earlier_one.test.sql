begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select public.save_plan_job_step((tests.job('job')).id, tests.id('claim 1'), 'draft', '1');
select tests.release('job', 'claim 1');
select tests.claim('claim 2');

select is(
  public.save_plan_job_step((tests.job('job')).id, tests.id('claim 2'), 'draft', '2'),
  '{"outcome": "saved"}',
  'steps belong to the job, not to a claim'
);
select is(
  (select output from public.plan_job_steps where job_id = (tests.job('job')).id),
  '2',
  'the output is the new one'
);

select * from finish();
rollback;
