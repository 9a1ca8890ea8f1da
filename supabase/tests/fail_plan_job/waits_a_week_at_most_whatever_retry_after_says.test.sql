begin;
select plan(1);

select tests.make_job('infinite');
select tests.make_job('not a number');
select tests.claim('claim 1', 2);

select tests.fail('infinite', 'claim 1', '{}', p_retry_after => 'infinity');
select tests.fail('not a number', 'claim 1', '{}', p_retry_after => 'nan');

select results_eq(
  $$select job.run_at - attempt.ended_at
    from public.plan_generation_jobs as job
    join public.plan_job_attempts as attempt on attempt.job_id = job.id
    where job.trace_id in ('infinite', 'not a number')$$,
  $$values (interval '7 days'), (interval '7 days')$$,
  'the error is stored and the job is not lost in time'
);

select * from finish();
rollback;
