begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.suspend('job', 'claim 1', 'sleep', 'cool down');
select tests.end_wait('job', 'cool down');
select tests.claim('claim 2');
select tests.suspend('job', 'claim 2', 'signal', 'approval');
select tests.end_wait('job', 'approval');
select tests.claim('claim 3');
select tests.fail(
  'job', 'claim 3', '{"code": "wait_timed_out", "detail": {"name": "approval"}}', false
);

select is(
  public.retry_plan_job((tests.job('job')).id, (tests.job('job')).user_id) ->> 'outcome',
  'retried',
  'it is run again'
);
select tests.claim('claim 4');
select is(
  tests.found('job', 'claim 4') -> 'waits', '{"cool down": true}', 'what it slept stays slept'
);
select is(
  tests.suspend('job', 'claim 4', 'signal', 'approval'), 'suspended', 'and it waits once more'
);

select * from finish();
rollback;
