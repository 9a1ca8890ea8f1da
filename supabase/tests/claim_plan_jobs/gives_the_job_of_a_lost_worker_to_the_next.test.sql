begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');

select is(
  jsonb_path_query_array(tests.claim('claim 2'), '$[*].trace_id'),
  '["job"]',
  'the claim sweeps first'
);
select is((tests.job('job')).claim_id, tests.id('claim 2'), 'the job has changed hands');
select is((tests.job('job')).lease_lost_at, null, 'its lease is whole again');

select * from finish();
rollback;
