begin;
select plan(3);

select tests.forget_processors();

select is(
  public.note_plan_processor('host:1:a', '1.2.3', 10, 0) ->> 'outcome', 'noted', 'the first one'
);
update supajobs.processors
set started_at = now() - interval '1 hour', seen_at = now() - interval '30 seconds' where true;
select public.note_plan_processor('host:1:a', '1.2.4', 20, 7);
select public.note_plan_processor('host:2:b', '1.2.3', 10, 0);

select results_eq(
  'select worker_id, version, concurrency, running from supajobs.processors order by 1',
  $$values ('host:1:a', '1.2.4', 20, 7), ('host:2:b', '1.2.3', 10, 0)$$,
  'each has a row, with what it said last'
);
select results_eq(
  $$
    select started_at = now() - interval '1 hour', seen_at > now() - interval '10 seconds'
    from supajobs.processors where worker_id = 'host:1:a'
  $$,
  'values (true, true)',
  'since when it works, and when it was seen'
);

select * from finish();
rollback;
