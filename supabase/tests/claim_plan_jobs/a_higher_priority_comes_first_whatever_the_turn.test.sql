begin;
select plan(1);

select tests.make_job('normal', 'user b');
select tests.make_job('high ' || number, p_priority => 9) from generate_series(1, 3) as number;

select is(
  tests.claim_names('claim 1', 4),
  array['high 1', 'high 2', 'high 3', 'normal'],
  'turns count among equals'
);

select * from finish();
rollback;
