begin;
select plan(1);

select tests.make_user('user a');
select tests.make_user('user b');
select public.enqueue_plan_job(
  tests.id('user a'), 'training_plan', '{}', p_idempotency_key => 'key'
);

select is(
  public.enqueue_plan_job(
    tests.id('user b'), 'training_plan', '{}', p_idempotency_key => 'key'
  ) ->> 'outcome',
  'created',
  'the key of one user means nothing to another'
);

select * from finish();
rollback;
