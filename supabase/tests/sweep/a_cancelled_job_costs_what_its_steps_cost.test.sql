begin;
select plan(2);

select tests.empty_queue();
select tests.make_job('job');
select tests.claim('claim 1');
select tests.save_step('job', 'claim 1', p_usage => '{"cost_usd": 0.1}');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));
select tests.expire_lease('job');

select tests.sweep();

select is((tests.attempt('job', 'claim 1')).outcome, 'cancelled', 'nobody wants it any more');
select is((tests.cost()).cost_usd, 0.1, 'it is paid for all the same');

select * from finish();
rollback;
