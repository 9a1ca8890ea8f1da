begin;
select plan(1);

select throws_ok(
  $$select public.enqueue_plan_job(tests.id('nobody'), 'training_plan', '{}')$$,
  '23503',
  null,
  'a user who is gone cannot request a job'
);

select * from finish();
rollback;
