begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));

select is(
  tests.outcomes(
    public.complete_plan_jobs(
      jsonb_build_array(tests.entry('job', 'claim 1'), tests.entry('job', 'claim 1'))
    )
  ),
  '{"job": "cancelled"}',
  'its double does not cost all jobs of the call their ends'
);
select results_eq(
  'select outcome from public.plan_job_attempts where job_id = (tests.job(''job'')).id',
  array['cancelled'],
  'there was one attempt'
);

select * from finish();
rollback;
