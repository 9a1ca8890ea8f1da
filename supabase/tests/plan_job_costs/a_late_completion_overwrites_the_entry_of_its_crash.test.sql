begin;
select plan(2);

select tests.empty_queue();
select tests.make_job('job');
select tests.claim('claim 1');
select tests.save_step(
  'job', 'claim 1', p_usage => '{"model": "m", "input_tokens": 10, "cost_usd": 0.1}'
);
select tests.expire_lease('job');
select tests.sweep();
select is((tests.cost()).cost_usd, 0.1, 'the steps that the crash had paid for');

select tests.complete(
  'job', 'claim 1', p_usage => '{"model": "m", "input_tokens": 30, "cost_usd": 0.3}'
);

select results_eq(
  'select input_tokens, cost_usd from tests.cost()',
  $$values (30::bigint, 0.3)$$,
  'the attempt is counted once, with all that it consumed'
);

select * from finish();
rollback;
