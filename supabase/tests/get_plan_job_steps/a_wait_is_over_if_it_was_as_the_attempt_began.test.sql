begin;
select plan(4);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.suspend('job', 'claim 1');
select tests.signal('job');
select tests.claim('claim 2');
select is(tests.found('job', 'claim 2') -> 'waits', '{"approval": false}', 'the signal came first');
update supajobs.waits set until = clock_timestamp() where name = 'approval';
select is(tests.found('job', 'claim 2') -> 'waits', '{"approval": false}', 'no answer changes');
select tests.release('job', 'claim 2');
select tests.claim('claim 3');
select is(tests.found('job', 'claim 3') -> 'waits', '{"approval": true}', 'the next one is told');
select is(tests.found('job', 'claim 3') -> 'signals', '{"approval": {}}', 'with what it was told');

select * from finish();
rollback;
