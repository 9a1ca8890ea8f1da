begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.complete(
  'job', 'claim 1',
  p_usage => '{"model": "model 1", "input_tokens": 10, "output_tokens": 20, "cost_usd": 0.5}'
);

select results_eq(
  $$
    select outcome, job_type, worker_id, model, input_tokens, output_tokens, cost_usd
    from tests.attempt('job', 'claim 1')
  $$,
  $$values ('completed', 'pgtap', 'worker 1', 'model 1', 10::bigint, 20::bigint, 0.5)$$,
  'who did it and what it cost is on record'
);
select is(
  (tests.attempt('job', 'claim 1')).ended_at,
  (tests.job('job')).completed_at,
  'the attempt ended with the job'
);

select * from finish();
rollback;
