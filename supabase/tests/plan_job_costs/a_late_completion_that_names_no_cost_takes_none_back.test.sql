begin;
select plan(1);

select tests.empty_queue();
select tests.make_job('job');
select tests.claim('claim 1');
select tests.save_step('job', 'claim 1', p_usage => '{"cost_usd": 0.1}');
select tests.expire_lease('job');
select tests.sweep();

select tests.complete('job', 'claim 1');

select is((tests.cost()).cost_usd, 0.1, 'what is paid is paid');

select * from finish();
rollback;
