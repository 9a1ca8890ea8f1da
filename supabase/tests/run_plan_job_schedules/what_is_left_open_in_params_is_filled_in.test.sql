begin;
select plan(3);

select tests.empty_queue();
select tests.make_recurring(
  'weekly',
  p_more => '{
    "time_zone": "Europe/Madrid", "params": {"scheduled_for": null, "time_zone": null, "weeks": 4}
  }'
);
create temporary table before as select (tests.recurring('weekly')).*;
select tests.take('weekly');
select is(
  (select (params ->> 'scheduled_for')::timestamptz from public.plan_generation_jobs),
  (select next_run_at from before),
  'the time of the occurrence'
);
select is(
  tests.params_of_jobs() -> 0 ->> 'time_zone', 'Europe/Madrid', 'the time zone of the schedule'
);
select tests.make_recurring(
  'set', p_more => '{"params": {"scheduled_for": "then", "time_zone": "UTC"}}'
);
select tests.take('set');
select is(
  tests.params_of_jobs() -> 1, '{"scheduled_for": "then", "time_zone": "UTC"}', 'what is set stays'
);

select * from finish();
rollback;
