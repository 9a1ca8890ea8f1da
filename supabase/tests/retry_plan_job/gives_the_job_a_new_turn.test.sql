begin;
select plan(1);

select tests.make_job('old');
select tests.claim('claim 1');
select tests.fail('old', 'claim 1', p_retryable => false);
select tests.make_job('waiting ' || number) from generate_series(1, 3) as number;
select tests.make_job('of user b', 'user b');

select public.retry_plan_job((tests.job('old')).id, tests.id('user a'));

select is(
  tests.claim_names('claim 2', 9),
  array['waiting 1', 'of user b', 'waiting 2', 'waiting 3', 'old'],
  'one after the last of its user'
);

select * from finish();
rollback;
