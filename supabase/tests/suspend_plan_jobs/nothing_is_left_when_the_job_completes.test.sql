begin;
select plan(5);

select tests.make_job('job');
select tests.make_job('other');
select tests.claim('claim 1', 2);
select tests.suspend('job', 'claim 1');
select tests.signal('job');
select tests.signal('other');
select tests.claim('claim 2');

select is(tests.complete('job', 'claim 2'), 'completed', 'it goes on, and ends');
select is((select count(*) from supajobs.waits), 0::bigint, 'the wait is gone');
select is((select count(*) from supajobs.signals), 1::bigint, 'and what it was told');
select is(tests.complete('other', 'claim 1'), 'completed', 'so does one that never waited');
select is((select count(*) from supajobs.signals), 0::bigint, 'of which the signal goes, too');

select * from finish();
rollback;
