begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.save_step(
  'job', 'claim 1',
  p_usage => '{"model": "m", "input_tokens": 10, "output_tokens": 20, "cost_usd": 0.25}'
);

select results_eq(
  $$
    select claim_id, model, input_tokens, output_tokens, cost_usd from supajobs.steps
    where job_id = (tests.job('job')).id
  $$,
  $$values (tests.id('claim 1'), 'm', 10::bigint, 20::bigint, 0.25)$$,
  'for the sweep, should the attempt crash'
);

select * from finish();
rollback;
