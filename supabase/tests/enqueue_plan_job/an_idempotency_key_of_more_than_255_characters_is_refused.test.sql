begin;
select plan(2);

select tests.make_job('any');

select tests.refuses(
  'idempotency_key_too_long',
  $$select public.enqueue_plan_job(
    tests.id('user a'), 'pgtap', '{}', p_idempotency_key => repeat('k', 256)
  )$$
);
select is(
  public.enqueue_plan_job(
    tests.id('user a'), 'pgtap', '{}', p_idempotency_key => repeat('😀', 255)
  ) ->> 'outcome',
  'created',
  '255 are not too many, whatever their bytes'
);

select * from finish();
rollback;
