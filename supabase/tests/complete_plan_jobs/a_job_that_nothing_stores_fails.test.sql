begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');

select is(tests.complete('job', 'claim 1', p_store => '{}'), 'failed', 'for good');
select is(
  (tests.job('job')).error,
  '{"code": "nothing_stores_it", "message": "The result could not be stored."}',
  'its code says why'
);
select is(
  (tests.attempt('job', 'claim 1')).cause ->> 'message',
  'Nothing stores what jobs of the type pgtap come to. '
  || 'Name a function in plan_job_types.stored_by, or complete the job without `store`.',
  'operators read what to do'
);

select * from finish();
rollback;
