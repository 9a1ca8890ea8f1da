begin;
select plan(1);

select tests.make_job('job 1');
select tests.make_job('job 2');
select tests.claim('claim 1', 2);
select tests.complete('job 1', 'claim 1');

select is(
  jsonb_path_query_array(tests.claim('claim 1', 2), '$[*].trace_id'),
  '["job 2"]',
  'only what still runs is answered'
);

select * from finish();
rollback;
