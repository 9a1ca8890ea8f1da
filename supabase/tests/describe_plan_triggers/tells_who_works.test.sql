begin;
select plan(3);

select tests.forget_processors();
select tests.make_processor('silent', interval '91 seconds');
select tests.make_processor('here', interval '80 seconds');

select is(
  (public.describe_plan_triggers()::jsonb #> '{processors, 0}') - '{seen_at, started_at}'::text[],
  '{
    "worker_id": "here", "version": "1.2.3", "concurrency": 10, "running": 4, "is_alive": true
  }',
  'a processor notes that it lives every 30 seconds'
);
select is(
  public.describe_plan_triggers()::jsonb #> '{processors, 1}' ->> 'is_alive', 'false',
  'and is gone after three'
);
select is(
  (public.describe_plan_triggers() #>> '{processors, 0, seen_at}')::timestamptz,
  now() - interval '80 seconds',
  'when it was seen'
);

select * from finish();
rollback;
