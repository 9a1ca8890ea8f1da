begin;
select plan(2);

select tests.make_job('apple', p_job_type => 'fruit');
select tests.make_job('carrot', p_job_type => 'vegetable');
select tests.make_job('granite', p_job_type => 'stone');

select is(
  jsonb_path_query_array(
    public.claim_plan_jobs(tests.id('claim 1'), 'worker 1', 5, '{fruit, vegetable}')::jsonb,
    '$[*].trace_id'
  ),
  '["apple", "carrot"]',
  'the third type is left'
);
select is(
  public.claim_plan_jobs(tests.id('claim 2'), 'worker 1', 5, '{}')::jsonb,
  '[]',
  'a worker without types gets nothing'
);

select * from finish();
rollback;
