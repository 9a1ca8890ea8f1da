begin;
select plan(3);

select tests.make_job('low', p_priority => 1);
select tests.make_job('normal 1', p_run_at => '2020-01-02');
select tests.make_job('normal 2', p_run_at => '2020-01-02');
select tests.make_job('normal but older', p_run_at => '2020-01-01');
select tests.make_job('high', p_priority => 10);

select is(
  jsonb_path_query_array(tests.claim('claim 1', 2), '$[*].trace_id'),
  '["high", "normal but older"]',
  'the highest priority first, then who has waited longest'
);
select is(
  jsonb_path_query_array(tests.claim('claim 2', 1), '$[*].trace_id'),
  '["normal 1"]',
  'of two that wait equally long, the one requested first'
);
select is(
  jsonb_path_query_array(tests.claim('claim 3', 5), '$[*].trace_id'),
  '["normal 2", "low"]',
  'the lowest priority last'
);

select * from finish();
rollback;
