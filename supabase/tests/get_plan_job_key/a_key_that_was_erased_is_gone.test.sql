begin;
select plan(1);

select tests.make_job_with_key('job', 'ciphertext');
select tests.claim('claim 1');
delete from supajobs.provider_keys where job_id = (tests.job('job')).id;

select is(
  public.get_plan_job_key((tests.job('job')).id, tests.id('claim 1'))::jsonb,
  '{"outcome": "gone"}',
  'which is not the same as none'
);

select * from finish();
rollback;
