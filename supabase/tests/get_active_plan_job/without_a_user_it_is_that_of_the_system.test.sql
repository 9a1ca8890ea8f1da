begin;
select plan(3);

select tests.make_job('older', null);
select tests.make_job('newer', null);
select tests.make_job('of a');
select is(
  public.get_active_plan_job(null, 'pgtap') ->> 'trace_id', 'newer', 'the newest without a user'
);
select is(
  public.get_active_plan_job(tests.id('user a'), 'pgtap') ->> 'trace_id', 'of a', 'a user''s own'
);
select is(
  public.get_active_plan_job(tests.id('user b'), 'pgtap')::text, null, 'who has none, has none'
);

select * from finish();
rollback;
