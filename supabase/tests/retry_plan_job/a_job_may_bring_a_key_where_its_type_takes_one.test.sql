begin;
select plan(5);

select tests.make_job('job');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));

select tests.refuses(
  'provider_key_not_allowed',
  $$select public.retry_plan_job((tests.job('job')).id, tests.id('user a'), 'ciphertext')$$
);
select is((tests.job('job')).status, 'cancelled', 'the job stays as it is');

update public.plan_job_types set allows_provider_key = true where job_type = 'pgtap';
select is(
  public.retry_plan_job((tests.job('job')).id, tests.id('user a'), 'ciphertext') ->> 'outcome',
  'retried',
  'although it had none before'
);
select is(tests.key('job'), 'ciphertext', 'the key is there');
select is((tests.job('job')).has_provider_key, true, 'the job knows that it brought one');

select * from finish();
rollback;
