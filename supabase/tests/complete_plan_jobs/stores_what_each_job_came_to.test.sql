begin;
select plan(1);

select tests.make_job(name) from unnest(array['with plan', 'with result', 'with nothing']) as name;
select tests.claim('claim 1', 3);

select public.complete_plan_jobs(
  jsonb_build_array(
    tests.entry(
      'with plan', 'claim 1', '{"plan": {"monday": "rest"}, "usage": {"output_tokens": 20}}'
    ),
    tests.entry(
      'with result', 'claim 1', '{"result": {"weeks": 4}, "usage": {"model": "model 1"}}'
    ),
    tests.entry('with nothing', 'claim 1')
  )
);

select bag_eq(
  $$
    select job.trace_id, plan.plan, job.result, attempt.output_tokens, attempt.model
    from public.plan_generation_jobs as job
    inner join public.plan_job_attempts as attempt on job.id = attempt.job_id
    left join public.weekly_base_plans as plan
      on job.id = plan.job_id and job.plan_id = plan.id and job.user_id = plan.user_id
    where job.job_type = 'pgtap'
  $$,
  $$
    values
    ('with plan', '{"monday": "rest"}'::jsonb, null::jsonb, 20::bigint, null),
    ('with result', null, '{"weeks": 4}', null, 'model 1'),
    ('with nothing', null, null, null, null)
  $$,
  'plan, result and usage are with their jobs'
);

select * from finish();
rollback;
