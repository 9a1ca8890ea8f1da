begin;
select plan(4);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.suspend('job', 'claim 1');
select tests.end_wait('job');

select is(tests.signal('job'), 'too_late', 'before the job runs again');
select tests.claim('claim 2');
select is(tests.signal('job'), 'too_late', 'and while it runs');
select is(tests.found('job', 'claim 2') -> 'signals', '{}', 'which is told nothing');
select tests.release('job', 'claim 2');
update supajobs.waits set until = clock_timestamp() + interval '1 second' where name = 'approval';
select tests.claim('claim 3');
update supajobs.waits set until = clock_timestamp() where name = 'approval';
select is(
  tests.signal('job'), 'stored', 'one that runs takes it, if the wait was not over as it began'
);

select * from finish();
rollback;
