begin;
select plan(1);

select tests.make_job('older');
select tests.make_job('newer');

select is(
  public.get_active_plan_job(tests.id('user a'), 'pgtap') ->> 'trace_id', 'newer', 'the last one'
);

select * from finish();
rollback;
