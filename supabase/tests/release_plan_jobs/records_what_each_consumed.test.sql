begin;
select plan(3);

select tests.make_job(name) from unnest(array['dear', 'free', 'unwanted']) as name;
select tests.claim('claim 1', 3);
select public.cancel_plan_job((tests.job('unwanted')).id, tests.id('user a'));

select public.release_plan_jobs(
  jsonb_build_array(
    tests.entry(
      'dear', 'claim 1',
      '{"usage": {"model": "m", "input_tokens": 10, "output_tokens": 20, "cost_usd": 0.5}}'
    ),
    tests.entry('free', 'claim 1', '{"usage": null}'),
    tests.entry('unwanted', 'claim 1', '{"usage": {"output_tokens": 7, "cost_usd": 0.25}}')
  )
);

select results_eq(
  $$
    select model, input_tokens, output_tokens, cost_usd
    from tests.attempt('dear', 'claim 1')
  $$,
  $$values ('m', 10::bigint, 20::bigint, 0.5)$$,
  'what was stopped is on record'
);
select is((tests.attempt('free', 'claim 1')).cost_usd, null, 'each for itself');
select results_eq(
  'select output_tokens, cost_usd from tests.cost()',
  $$values (27::bigint, 0.75)$$,
  'and in the ledger, however it ended'
);

select * from finish();
rollback;
