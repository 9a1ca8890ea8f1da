begin;
select plan(3);

select tests.make_user('user a');
insert into public.plan_job_types (job_type) values ('pgtap');

select tests.refuses(
  'out_of_range',
  $$select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}', p_priority => 11)$$
);
select tests.refuses(
  'out_of_range',
  $$select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}', p_priority => -1)$$
);
select lives_ok(
  $$
    select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}', p_priority => priority)
    from unnest(array[0, 10]) as priority
  $$,
  'the bounds are in'
);

select * from finish();
rollback;
