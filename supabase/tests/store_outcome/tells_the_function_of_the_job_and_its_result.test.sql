begin;
select plan(2);

select tests.make_job('job');
select tests.make_store('return p_job;');

select is(
  (
    supajobs.store_outcome(tests.job('job'), '{"pages": 3}', null, '{"title": "Fox"}')
    -> 'result'
  ) - 'result' - 'pages',
  supajobs.describe_job(tests.job('job'))::jsonb - 'result' - 'plan_id',
  'as its user sees it'
);
select is(
  supajobs.store_outcome(tests.job('job'), '{"pages": 3}', null, '{"title": "Owl"}')
  #> '{result, result}',
  '{"pages": 3}',
  'with the result that the handler handed in'
);

select * from finish();
rollback;
