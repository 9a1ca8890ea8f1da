begin;
select plan(1);

select tests.make_job('later', p_priority => 10, p_run_at => now() + interval '1 hour');
select tests.make_job('due');

select is(
  jsonb_path_query_array(tests.claim('claim 1', 5), '$[*].trace_id'),
  '["due"]',
  'a job that waits for its run_at is left, whatever its priority'
);

select * from finish();
rollback;
