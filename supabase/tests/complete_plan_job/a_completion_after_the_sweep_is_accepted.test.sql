begin;
select plan(4);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');
select supajobs.sweep();

select is(
  tests.complete('job', 'claim 1', '{"weeks": 4}', '{}'),
  'completed',
  'paid work is not thrown away while nobody else has claimed the job'
);
select is((tests.job('job')).result, '{"weeks": 4}', 'the result is on the job');
select isnt((tests.job('job')).plan_id, null, 'so is the plan');
select is(
  (tests.attempt('job', 'claim 1')).outcome, 'completed', 'the attempt did not crash after all'
);

select * from finish();
rollback;
