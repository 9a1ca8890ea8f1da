begin;
select plan(1);

select tests.make_user('user a');

select tests.violates_check(
  'plan_generation_jobs_priority_in_range',
  $$select public.enqueue_plan_job(tests.id('user a'), 'training_plan', '{}', p_priority => 11)$$
);

select * from finish();
rollback;
