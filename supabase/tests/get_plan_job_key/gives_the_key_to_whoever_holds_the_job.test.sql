begin;
select plan(1);

select tests.make_job_with_key('job', 'ciphertext');
select tests.claim('claim 1');

select is(
  public.get_plan_job_key((tests.job('job')).id, tests.id('claim 1'))::jsonb,
  '{"outcome": "found", "ciphertext": "ciphertext"}',
  'still encrypted'
);

select * from finish();
rollback;
