begin;
select plan(8);

select tests.make_job('failed late');
select tests.claim('claim 1');
select tests.expire_lease('failed late');
select tests.sweep();
select is(
  tests.fail('failed late', 'claim 1', p_usage => '{"model": "m", "cost_usd": 7}'),
  'stale',
  'the job is not its own any more'
);
select is((tests.cost()).cost_usd, 7::numeric, 'but the money is spent');
select is((tests.attempt('failed late', 'claim 1')).cost_usd, 7::numeric, 'by this attempt');
select tests.fail('failed late', 'claim 1', p_usage => '{"model": "m", "cost_usd": 7}');
select is((tests.cost()).cost_usd, 7::numeric, 'once');

select tests.claim('claim 2');
select tests.expire_lease('failed late');
select tests.sweep();
select tests.release('failed late', 'claim 2', '{"cost_usd": 0.5}');
select is((tests.cost()).cost_usd, 7.5, 'a late release');

select tests.claim('claim 3');
select tests.expire_lease('failed late');
select public.cancel_plan_job((tests.job('failed late')).id, tests.id('user a'));
select tests.sweep();
select tests.complete('failed late', 'claim 3', p_usage => '{"cost_usd": 2}');
select is((tests.cost()).cost_usd, 9.5, 'a late completion of a job that was cancelled');

select tests.make_job('cancelled after');
select tests.claim('claim 4');
select tests.expire_lease('cancelled after');
select tests.sweep();
select public.cancel_plan_job((tests.job('cancelled after')).id, tests.id('user a'));
select is(
  tests.complete('cancelled after', 'claim 4', p_usage => '{"cost_usd": 1}'),
  'stale',
  'or of one that is cancelled while it waits'
);
select is((tests.cost()).cost_usd, 10.5, 'is charged');

select * from finish();
rollback;
