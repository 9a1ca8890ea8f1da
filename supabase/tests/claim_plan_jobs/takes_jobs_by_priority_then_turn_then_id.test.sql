begin;
select plan(3);

select tests.make_job('low', p_priority => 1);
select tests.make_job('normal 1');
select tests.make_job('normal 2');
select tests.make_job('normal of user b', p_user => 'user b');
select tests.make_job('high', p_priority => 10);

select is(
  jsonb_path_query_array(tests.claim('claim 1', 2), '$[*].trace_id'),
  '["high", "normal 1"]',
  'the highest priority first; of two with the same turn, the one requested first'
);
select is(
  jsonb_path_query_array(tests.claim('claim 2', 1), '$[*].trace_id'),
  '["normal of user b"]',
  'then the other of that turn'
);
select is(
  jsonb_path_query_array(tests.claim('claim 3', 5), '$[*].trace_id'),
  '["normal 2", "low"]',
  'the lowest priority last'
);

select * from finish();
rollback;
