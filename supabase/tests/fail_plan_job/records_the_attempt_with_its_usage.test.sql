begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.fail(
  'job', 'claim 1', '{"code": "overloaded"}',
  p_usage => '{"model": "model 1", "input_tokens": 10, "output_tokens": 20, "cost_usd": 0.5}'
);

select results_eq(
  $$
    select outcome, error, model, input_tokens, output_tokens, cost_usd
    from tests.attempt('job', 'claim 1')
  $$,
  $$
    values (
      'retrying', '{"code": "overloaded"}'::jsonb, 'model 1', 10::bigint, 20::bigint, 0.5
    )
  $$,
  'an attempt that failed costs money too'
);
select is(
  (tests.attempt('job', 'claim 1')).retry_at, (tests.job('job')).run_at, 'and when it goes on'
);

select * from finish();
rollback;
