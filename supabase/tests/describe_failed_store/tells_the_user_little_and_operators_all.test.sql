begin;
select plan(4);

select is(
  supajobs.describe_failed_store(
    '23505', 'duplicate key', '', '', e'SQL statement "insert"\nPL/pgSQL function app.f() line 1'
    || e'\nPL/pgSQL function supajobs.complete_storing(jsonb,json) line 47'
  ),
  '{
    "retryable": false,
    "error": {"code": "store_failed", "message": "The result could not be stored."},
    "cause": {
      "exception": "23505",
      "message": "duplicate key",
      "frames": ["PL/pgSQL function app.f() line 1", "SQL statement \"insert\""]
    }
  }',
  'the innermost frame is the last'
);
select is(
  supajobs.describe_failed_store('PT422', 'No.', 'nothing_stores_it', 'Do it.', '')
  #>> '{error, code}',
  'nothing_stores_it',
  'what was forgotten has a code of its own'
);
select is(
  supajobs.describe_failed_store('PT422', 'No.', '', 'Do it.', '') #>> '{cause, message}',
  'No. Do it.',
  'a hint is told with the message'
);
select results_eq(
  $$
    select state
    from unnest(array['22P02', '23514', 'PT409', '40P01', '42501', '57014', 'P0001']) as state
    where (supajobs.describe_failed_store(state, '', '', '', '') -> 'retryable')::boolean
  $$,
  array['40P01', '42501', '57014', 'P0001'],
  'what is wrong with the data will be so again'
);

select * from finish();
rollback;
