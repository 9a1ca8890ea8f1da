begin;
select plan(6);

select tests.empty_queue();
select tests.make_job(outcome, 'user of ' || outcome)
from unnest(
  array['completed', 'retrying', 'failed', 'released', 'cancelled', 'crashed']
) as outcome;
select tests.claim('claim 1', 6);
select public.cancel_plan_job((tests.job('cancelled')).id, tests.id('user of cancelled'));

select tests.complete('completed', 'claim 1', p_usage => '{"cost_usd": 1}');
select tests.fail('retrying', 'claim 1', p_usage => '{"cost_usd": 2}');
select tests.fail('failed', 'claim 1', p_retryable => false, p_usage => '{"cost_usd": 3}');
select tests.release('released', 'claim 1', '{"cost_usd": 4}');
select tests.complete('cancelled', 'claim 1', p_usage => '{"cost_usd": 5}');
select tests.save_step('crashed', 'claim 1', p_usage => '{"cost_usd": 6}');
select tests.expire_lease('crashed');
select tests.sweep();

select is((tests.cost('user of completed')).cost_usd, 1::numeric, 'completed');
select is((tests.cost('user of retrying')).cost_usd, 2::numeric, 'retrying');
select is((tests.cost('user of failed')).cost_usd, 3::numeric, 'failed');
select is((tests.cost('user of released')).cost_usd, 4::numeric, 'released');
select is((tests.cost('user of cancelled')).cost_usd, 5::numeric, 'cancelled');
select is((tests.cost('user of crashed')).cost_usd, 6::numeric, 'crashed');

select * from finish();
rollback;
