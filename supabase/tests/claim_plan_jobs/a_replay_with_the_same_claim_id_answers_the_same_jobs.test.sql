begin;
select plan(2);

select tests.make_job('job ' || number) from generate_series(1, 3) as number;
create temp table answer as select tests.claim('claim 1', 2) as claimed;

select is(
  tests.claim('claim 1', 2),
  (select claimed from answer),
  'the answer that was lost is given again'
);
select is((tests.job('job 3')).status, 'pending', 'the replay takes no further job');

select * from finish();
rollback;
