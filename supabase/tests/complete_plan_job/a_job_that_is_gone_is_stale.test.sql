begin;
select plan(1);

select is(
  public.complete_plan_job(tests.id('unheard of'), tests.id('claim 1')) ->> 'outcome',
  'stale',
  'there is nothing to complete'
);

select * from finish();
rollback;
