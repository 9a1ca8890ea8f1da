begin;
select plan(12);

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
    '{"cost_usd": "NaN"}', '{"cost_usd": "Infinity"}', '{"cost_usd": -100}', '{"input_tokens": -1}'
  ]
) as usage;

select * from finish();
rollback;
