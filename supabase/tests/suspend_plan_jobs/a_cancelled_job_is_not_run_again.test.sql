begin;
select plan(4);

select tests.make_job('job');
select tests.claim('claim 1');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));

select is(tests.suspend('job', 'claim 1'), 'cancelled', 'the cancellation wins');
select is((tests.job('job')).status, 'cancelled', 'it has ended');
select is((tests.job('job')).waiting_for, null, 'and waits for nothing');
select is(tests.suspend('job', 'claim 1'), 'cancelled', 'a repeated call gets the same answer');

select * from finish();
rollback;
