begin;
select plan(2);

select tests.make_job('job', p_user => 'user a');
select tests.make_user('user b');

select is(
  public.get_active_plan_job(tests.id('user b'), 'pgtap')::jsonb, null, 'another user has none'
);
select is(
  public.get_active_plan_job(tests.id('user a'), 'training_plan')::jsonb, null, 'nor another type'
);

select * from finish();
rollback;
