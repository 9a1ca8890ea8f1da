begin;
select plan(3);

select tests.empty_outbox();
select tests.make_notification('job ' || n) from generate_series(1, 3) as n;
select is(
  public.address_plan_job_notifications(array['webhook'], 2) ->> 'more', 'true', 'there may be more'
);
select is((select count(*)::integer from supajobs.deliveries), 2, 'than two');
select is(
  public.address_plan_job_notifications(array['webhook'], 2) ->> 'more', 'false', 'there was one'
);

select * from finish();
rollback;
