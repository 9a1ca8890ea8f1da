begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.save_step('job', 'claim 1', 'draft', '1', '{"input_tokens": 5, "cost_usd": 0.1}');

select tests.save_step('job', 'claim 1', 'draft', '2', '{"input_tokens": 7}');

select results_eq(
  $$
    select output, input_tokens, cost_usd from supajobs.steps
    where job_id = (tests.job('job')).id
  $$,
  $$values ('2'::jsonb, 7::bigint, null::numeric)$$,
  'there is one output per step, the last, with its own cost'
);

select * from finish();
rollback;
