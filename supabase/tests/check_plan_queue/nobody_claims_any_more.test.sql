begin;
select plan(4);

select tests.calm_queue();
update supajobs.sweeps set swept_at = now() - interval '181 seconds' where true;

select is(tests.troubles(), array['degraded: nobody_claims'], 'while nothing is due');
select ok(
  (public.check_plan_queue() #>> '{reasons, 0, seconds}')::numeric between 181 and 241,
  'for how long, is told'
);
select alike(
  public.check_plan_queue() #>> '{reasons, 0, message}',
  'No processor has asked for jobs since '
  || to_char(now() at time zone 'utc' - interval '181 seconds', 'YYYY-MM-DD HH24:MI:SS')
  || ' UTC: start %',
  'and since when'
);

select tests.claim('claim 1');
select is(tests.troubles(), '{}', 'a claim that finds nothing is one, too');

select * from finish();
rollback;
