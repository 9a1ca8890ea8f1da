begin;
select plan(3);

select tests.make_job('job');
select throws_ok(
  $$
    select public.enqueue_plan_job(
      tests.id('user a'), 'pgtap', '{}', p_after => '["another"]'
    )
  $$,
  'PT422', 'A job waits for jobs of the same user, and not all of these are there.'
);
select throws_ok(
  $$ select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}', p_after => '"job"') $$,
  'PT422', 'The parents of a job are a list of ids, or an object with an id for each name.'
);
select throws_ok(
  $$
    select public.enqueue_plan_job(
      tests.id('user a'), 'pgtap', '{}', p_after => '[]', p_on_parent_failure => 'wait'
    )
  $$,
  'PT422', 'The parents of a job are a list of ids, or an object with an id for each name.'
);

select * from finish();
rollback;
