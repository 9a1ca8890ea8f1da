begin;
select plan(1);

select tests.empty_queue();
select tests.make_job('apple', p_job_type => 'fruit');
select tests.make_job('granite', p_job_type => 'stone');

select is(
  jsonb_path_query_array(
    public.claim_plan_jobs(tests.id('claim 1'), 'worker 1', 5)::jsonb, '$[*].trace_id'
  ),
  '["apple", "granite"]',
  'both types are taken'
);

select * from finish();
rollback;
