begin;
select plan(4);

select tests.make_job('system', null);
select tests.make_job('of a');
select is(
  public.cancel_plan_job((tests.job('system')).id, tests.id('user a')) ->> 'outcome',
  'not_found',
  'to a user it is not there'
);
select is(
  public.cancel_plan_job((tests.job('of a')).id, null) ->> 'outcome',
  'not_found',
  'nor is that of a user to the system'
);
select is(
  public.get_plan_job((tests.job('system')).id, tests.id('user a'))::jsonb -> 'job',
  'null',
  'a user cannot read it'
);
select is(
  public.cancel_plan_job((tests.job('system')).id, null) ->> 'outcome', 'cancelled', 'cancelled'
);

select * from finish();
rollback;
