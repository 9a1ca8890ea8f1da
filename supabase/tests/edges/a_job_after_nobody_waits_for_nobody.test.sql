begin;
select plan(2);

select tests.make_child('of nobody', array[]::text[]);
select is(tests.claim_names('claim 1', 9), array['of nobody']);

select public.enqueue_plan_jobs(
  jsonb_build_array(
    jsonb_build_object(
      'user_id', tests.id('user a'), 'job_type', 'pgtap', 'trace_id', 'among others',
      'after', '[]'::jsonb
    )
  )
);
select is(tests.claim_names('claim 2', 9), array['among others']);

select * from finish();
rollback;
