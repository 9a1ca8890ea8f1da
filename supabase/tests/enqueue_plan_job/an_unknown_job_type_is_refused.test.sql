begin;
select plan(1);

select tests.make_user('user a');

select throws_ok(
  $$select public.enqueue_plan_job(tests.id('user a'), 'unheard of', '{}')$$,
  'PT422',
  'There is no job type "unheard of".'
);

select * from finish();
rollback;
