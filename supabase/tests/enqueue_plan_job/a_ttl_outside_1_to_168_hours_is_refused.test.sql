begin;
select plan(3);

select tests.make_user('user a');
insert into public.plan_job_types (job_type) values ('pgtap');

select tests.refuses(
  'out_of_range',
  $$select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}', p_ttl_hours => 0)$$
);
select tests.refuses(
  'out_of_range',
  $$select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}', p_ttl_hours => 169)$$
);
select lives_ok(
  $$
    select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}', p_ttl_hours => hours)
    from unnest(array[1, 168]) as hours
  $$,
  'the bounds are in'
);

select * from finish();
rollback;
