begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
select public.save_plan_job_step((tests.job('job')).id, tests.id('claim 1'), 'draft', '{}');

select tests.fail('job', 'claim 1', '{}');

select results_eq(
  $$select name from supajobs.steps where job_id = (tests.job('job')).id$$,
  array['draft'],
  'what is paid for is not paid for again'
);

select * from finish();
rollback;
