begin;
select plan(1);

select is(
  public.get_changed_plan_jobs('{}')::jsonb, '{"jobs": [], "gone": []}', 'two empty arrays'
);

select * from finish();
rollback;
