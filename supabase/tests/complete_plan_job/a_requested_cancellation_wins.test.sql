begin;
select plan(7);

select tests.make_job('job');
select tests.claim('claim 1');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));

select is(
  tests.complete('job', 'claim 1', '{"weeks": 4}', '{}', '{"output_tokens": 20}'),
  'cancelled',
  'the user did not want it any more'
);
select is((tests.job('job')).status, 'cancelled', 'the job is cancelled');
select is((tests.job('job')).result, null, 'it has no result');
select is_empty(
  $$select 1 from public.weekly_base_plans where user_id = tests.id('user a')$$,
  'the user has no plan'
);
select is((tests.attempt('job', 'claim 1')).outcome, 'cancelled', 'the attempt was cancelled');
select is((tests.attempt('job', 'claim 1')).output_tokens, 20::bigint, 'what it cost is on record');
select is(
  tests.complete('job', 'claim 1', '{"weeks": 4}', '{}'),
  'cancelled',
  'a repeated call gets the same answer'
);

select * from finish();
rollback;
