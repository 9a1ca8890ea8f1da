begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.suspend('job', 'claim 1', p_seconds => 1e12);

select ok(
  (tests.job('job')).run_at
  between now() + interval '366 days' and now() + interval '366 days 1 minute',
  'a leap year'
);

select * from finish();
rollback;
