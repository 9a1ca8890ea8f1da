begin;
select plan(4);

select tests.make_job('job');
select tests.claim('claim 1');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));

select is(tests.fail('job', 'claim 1', '{"code": "overloaded"}'), 'cancelled', 'there is no retry');
select is((tests.job('job')).status, 'cancelled', 'the job is cancelled');
select is((tests.attempt('job', 'claim 1')).outcome, 'cancelled', 'so did the attempt end');
select is(tests.fail('job', 'claim 1', '{}'), 'cancelled', 'a repeated call gets the same answer');

select * from finish();
rollback;
