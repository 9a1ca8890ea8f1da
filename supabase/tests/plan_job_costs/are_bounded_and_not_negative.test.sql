begin;
select plan(16);

select tests.make_job('job');
select tests.claim('claim 1');

select
  throws_ok(
    format('select tests.%s(%L, %L, p_usage => %L)', settle, 'job', 'claim 1', usage),
    '23514', null, settle || ' ' || usage
  )
from unnest(array['complete', 'fail', 'save_step']) as settle
cross join unnest(
  array[
    '{"cost_usd": "NaN"}', '{"cost_usd": "Infinity"}', '{"cost_usd": 1e10}', '{"cost_usd": -100}',
    '{"input_tokens": -1}'
  ]
) as usage;

select tests.complete('job', 'claim 1', p_usage => jsonb_build_object(
  'cost_usd', 1, 'model', repeat('m', 300)
));
select is(length(model), 200, 'the name of a model') from public.plan_job_costs;

select * from finish();
rollback;
