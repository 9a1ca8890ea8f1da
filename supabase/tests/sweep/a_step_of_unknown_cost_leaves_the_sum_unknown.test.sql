begin;
select plan(1);

select tests.empty_queue();
select tests.make_job('job');
select tests.claim('claim 1');
select tests.save_step(
  'job', 'claim 1', 'outline', p_usage => '{"input_tokens": 10, "cost_usd": 0.1}'
);
select tests.save_step('job', 'claim 1', 'block-1', p_usage => '{"input_tokens": 20}');
select tests.expire_lease('job');

select tests.sweep();

select results_eq(
  $$
    select model, input_tokens, output_tokens, cost_usd
    from tests.attempt('job', 'claim 1')
  $$,
  $$values (null::text, 30::bigint, null::bigint, null::numeric)$$,
  'never a guess'
);

select * from finish();
rollback;
