begin;
select plan(3);

select tests.empty_queue();
select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');
create temp table before as select * from tests.job('job');

select supajobs.sweep();

select is((tests.attempt('job', 'claim 1')).outcome, 'crashed', 'the attempt crashed');
select is((tests.attempt('job', 'claim 1')).worker_id, 'worker 1', 'at this worker');
select is(
  (tests.attempt('job', 'claim 1')).started_at,
  (select started_at from before),
  'it began when the job was claimed'
);

select * from finish();
rollback;
