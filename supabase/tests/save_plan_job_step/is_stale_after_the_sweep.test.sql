begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');
select supajobs.sweep();

select is(
  tests.save_step('job', 'claim 1'), 'stale', 'the worker hears that it has lost the job'
);

select * from finish();
rollback;
