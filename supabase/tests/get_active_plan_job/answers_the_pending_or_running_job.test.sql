begin;
select plan(2);

select tests.make_job('job');

select is(
  public.get_active_plan_job(tests.id('user a'), 'pgtap')::jsonb,
  supajobs.describe_job(tests.job('job'))::jsonb,
  'a pending job is active'
);

select tests.claim('claim 1');
select is(
  public.get_active_plan_job(tests.id('user a'), 'pgtap') ->> 'status',
  'processing',
  'and so is a running one'
);

select * from finish();
rollback;
