begin;
select plan(3);

select tests.make_store();
select tests.make_job('job');
select tests.claim('claim 1');
drop function app.store_story;

select is(
  tests.complete('job', 'claim 1', p_store => '{}'), 'retrying', 'it may come back in a moment'
);
select is((tests.job('job')).error ->> 'code', 'store_failed', 'the user is told of a failure');
select is(
  (tests.attempt('job', 'claim 1')).cause ->> 'message',
  'There is no function app.store_story(jsonb, jsonb).',
  'operators, of which'
);

select * from finish();
rollback;
