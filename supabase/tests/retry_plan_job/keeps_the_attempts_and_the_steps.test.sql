begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select public.save_plan_job_step((tests.job('job')).id, tests.id('claim 1'), 'draft', '{}');
select tests.fail('job', 'claim 1', '{}', p_retryable => false);

select public.retry_plan_job((tests.job('job')).id, tests.id('user a'));

select is((tests.attempt('job', 'claim 1')).outcome, 'failed', 'the attempt stays on record');
select results_eq(
  $$select name from supajobs.steps where job_id = (tests.job('job')).id$$,
  array['draft'],
  'what is paid for is not paid for again'
);

select * from finish();
rollback;
