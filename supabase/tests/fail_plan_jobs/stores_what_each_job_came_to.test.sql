begin;
select plan(1);

select tests.make_job('overloaded');
select tests.make_job('invalid');
select tests.claim('claim 1', 2);

select public.fail_plan_jobs(
  jsonb_build_array(
    tests.entry(
      'overloaded', 'claim 1',
      '{"error": {"code": "overloaded"}, "retry_after": 12.5, "usage": {"output_tokens": 20}}'
    ),
    tests.entry(
      'invalid', 'claim 1',
      '{"error": {"code": "invalid"}, "retryable": false, "usage": {"model": "model 1"}}'
    )
  )
);

select bag_eq(
  $$
    select
      job.error ->> 'code' as error, attempt.error ->> 'code' as attempt_error, job.status,
      attempt.retry_at - attempt.ended_at as wait, attempt.output_tokens, attempt.model
    from public.plan_generation_jobs as job
    inner join public.plan_job_attempts as attempt on job.id = attempt.job_id
    where job.job_type = 'pgtap'
  $$,
  $$
    values
    ('overloaded', 'overloaded', 'pending', interval '12.5 seconds', 20::bigint, null),
    ('invalid', 'invalid', 'failed', null, null, 'model 1')
  $$,
  'error, wait and usage are with their jobs'
);

select * from finish();
rollback;
