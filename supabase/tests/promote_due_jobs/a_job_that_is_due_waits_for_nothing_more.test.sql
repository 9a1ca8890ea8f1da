begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.suspend('job', 'claim 1', 'sleep', 'cool down', 3600);
select tests.end_wait('job', 'cool down');

select supajobs.promote_due_jobs();

select is((tests.job('job')).waiting_for, null, 'but for its turn');

select * from finish();
rollback;
