begin;
select plan(1);

select tests.empty_queue();
select tests.make_job('job');
select tests.claim('claim 1');
select tests.save_step(
  'job', 'claim 1', 'outline',
  p_usage => '{"model": "large", "input_tokens": 10, "output_tokens": 1, "cost_usd": 0.1}'
);
select tests.save_step('job', 'claim 1', 'look it up');
select tests.save_step(
  'job', 'claim 1', 'block-1',
  p_usage => '{"model": "small", "input_tokens": 20, "output_tokens": 2, "cost_usd": 0.02}'
);
select tests.save_step(
  'job', 'claim 1', 'block-2',
  p_usage => '{"model": "small, large", "input_tokens": 30, "output_tokens": 3, "cost_usd": 0.03}'
);
select tests.expire_lease('job');

select tests.sweep();

select results_eq(
  $$
    select model, input_tokens, output_tokens, cost_usd
    from tests.attempt('job', 'claim 1')
  $$,
  $$values ('large, small', 60::bigint, 6::bigint, 0.15)$$,
  'models in the order of their first use, and all the rest added up'
);

select * from finish();
rollback;
