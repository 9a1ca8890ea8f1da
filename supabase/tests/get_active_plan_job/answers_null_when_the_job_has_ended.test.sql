begin;
select plan(1);

select tests.make_job('job');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));

select is(
  public.get_active_plan_job(tests.id('user a'), 'pgtap')::jsonb, null, 'nothing is active'
);

select * from finish();
rollback;
