begin;
select plan(3);

select tests.calm_queue();
update supajobs.sweeps set swept_at = '-infinity' where true;

select is(tests.troubles(), array['degraded: nobody_claims'], 'it is said');
select alike(
  public.check_plan_queue() #>> '{reasons, 0, message}',
  'No processor has asked for jobs yet: start %',
  'in these words'
);
select is(
  public.check_plan_queue()::jsonb #> '{reasons, 0}' ? 'seconds', false, 'there is no since when'
);

select * from finish();
rollback;
