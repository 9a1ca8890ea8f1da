begin;
select plan(2);

select tests.empty_outbox();
select tests.register('phone');
select tests.register('browser', p_kind => 'web');
select tests.make_notification('job');
select is(
  public.address_plan_job_notifications(array['web']) #>> '{due, webhook}', null, 'tells of its own'
);
select results_eq(
  $$select channel from supajobs.deliveries$$, array['web'], 'and writes no others'
);

select * from finish();
rollback;
