begin;
select plan(3);

select tests.make_job('job');
create temporary table before as select (tests.job('job')).updated_at;

select is(tests.signal('job', 'null'), 'stored', 'nobody waits for it yet');
select is((tests.job('job')).updated_at, (select updated_at from before), 'the job is as it was');
select tests.claim('claim 1');
select is(
  tests.found('job', 'claim 1') -> 'signals',
  '{"approval": null}',
  'the run finds it, and be it null'
);

select * from finish();
rollback;
