begin;
select plan(2);

select tests.empty_queue();
select tests.make_job('job');
select tests.claim('claim 1');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));
select tests.expire_lease('job');

select supajobs.sweep();

select is((tests.job('job')).status, 'cancelled', 'it does not run again');
select is((tests.attempt('job', 'claim 1')).outcome, 'cancelled', 'so did the attempt end');

select * from finish();
rollback;
