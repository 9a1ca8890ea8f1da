begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));

select is(tests.release('job', 'claim 1'), 'cancelled', 'the job does not run again');
select is((tests.job('job')).status, 'cancelled', 'it is cancelled');
select is(tests.release('job', 'claim 1'), 'cancelled', 'a repeated call gets the same answer');

select * from finish();
rollback;
