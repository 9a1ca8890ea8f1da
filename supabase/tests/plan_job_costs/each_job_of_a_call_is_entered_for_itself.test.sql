begin;
select plan(2);

select tests.make_job('of a', 'user a');
select tests.make_job('of b', 'user b');
select tests.make_job('free', 'user b');
select tests.claim('claim 1', 3);

select public.complete_plan_jobs(
  jsonb_build_array(
    tests.entry('of b', 'claim 1', '{"usage": {"cost_usd": 0.2}}'),
    tests.entry('of a', 'claim 1', '{"usage": {"cost_usd": 0.1}}'),
    tests.entry('free', 'claim 1')
  )
);

select is((tests.cost('user a')).cost_usd, 0.1, 'one for a');
select is((tests.cost('user b')).cost_usd, 0.2, 'one for b');

select * from finish();
rollback;
