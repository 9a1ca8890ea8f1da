begin;
select plan(5);

select tests.calm_queue();
select tests.make_job('job', p_priority => 1);
select tests.make_job('of another type', p_job_type => 'pgtap 2');
select tests.make_older('job', interval '301 seconds');

select is(tests.troubles(), array['degraded: old_backlog'], 'after five minutes');
select is(
  public.check_plan_queue()::jsonb #> '{reasons, 0, job_type}', '"pgtap"', 'of which type'
);
select ok(
  (public.check_plan_queue() #>> '{reasons, 0, seconds}')::numeric between 301 and 361,
  'for how long'
);

select tests.make_older('of another type', interval '3601 seconds');
select is(tests.troubles(), array['unhealthy: old_backlog'], 'after an hour');
select is(
  public.check_plan_queue()::jsonb #> '{reasons, 0, job_type}', '"pgtap 2"', 'the oldest counts'
);

select * from finish();
rollback;
