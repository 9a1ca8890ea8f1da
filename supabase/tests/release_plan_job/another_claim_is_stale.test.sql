begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');

select is(
  tests.release('job', 'claim 2'), 'stale', 'who does not hold the job cannot give it back'
);
select is((tests.job('job')).status, 'processing', 'it runs on');

select * from finish();
rollback;
