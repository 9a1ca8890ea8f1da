begin;
select plan(1);

select tests.make_job('high ' || number, p_priority => 9) from generate_series(1, 2) as number;
select tests.make_job('normal ' || number) from generate_series(1, 5) as number;

select is(
  tests.claim_names('claim 1', 4),
  array['high 1', 'high 2', 'normal 1', 'normal 2'],
  'down the priorities until it has what it asked for'
);

select * from finish();
rollback;
