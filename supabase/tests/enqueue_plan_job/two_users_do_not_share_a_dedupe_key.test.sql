begin;
select plan(1);

select tests.make_user('user a');
select tests.make_user('user b');
select public.enqueue_plan_job(tests.id('user a'), 'training_plan', '{}');

select is(
  public.enqueue_plan_job(tests.id('user b'), 'training_plan', '{}') ->> 'outcome',
  'created',
  'user b has a job of their own'
);

select * from finish();
rollback;
