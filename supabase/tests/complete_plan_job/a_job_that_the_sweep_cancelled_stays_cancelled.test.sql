begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));
select tests.expire_lease('job');
select supajobs.sweep();

select is(tests.complete('job', 'claim 1', p_plan => '{}'), 'cancelled', 'the late worker is told');
select is((tests.job('job')).plan_id, null, 'no plan is made');

select * from finish();
rollback;
