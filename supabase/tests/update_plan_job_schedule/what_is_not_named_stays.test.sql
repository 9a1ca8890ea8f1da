begin;
select plan(4);

select tests.make_recurring('weekly', p_more => '{"params": {"weeks": 4}, "ttl_hours": 5}');
select is(
  public.update_plan_job_schedule(
    (tests.recurring('weekly')).id, tests.id('user a'), '{"priority": 8, "ttl_hours": null}'
  ) ->> 'outcome',
  'updated',
  'changed'
);
select is((tests.recurring('weekly')).priority, 8::smallint, 'what is given');
select is((tests.recurring('weekly')).ttl_hours, null, 'or taken away');
select is((tests.recurring('weekly')).params, '{"weeks": 4}', 'and nothing else');

select * from finish();
rollback;
