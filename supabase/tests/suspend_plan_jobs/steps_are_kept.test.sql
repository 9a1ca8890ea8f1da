begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.save_step('job', 'claim 1', 'draft', '"It was night."');
select tests.suspend('job', 'claim 1', 'sleep', 'cool down', 3600);
select tests.end_wait('job', 'cool down');
select tests.claim('claim 2');

select is(
  tests.found('job', 'claim 2'),
  '{
    "outcome": "found", "steps": {"draft": "It was night."}, "waits": {"cool down": true},
    "signals": {}
  }',
  'and so is the wait'
);

select * from finish();
rollback;
