begin;
select plan(8);

select tests.empty_queue();
select tests.make_recurring(
  'weekly', p_more => '{"params": {"weeks": 4}, "priority": 7, "ttl_hours": 5}'
);
create temporary table before as select (tests.recurring('weekly')).*;
select is(tests.take('weekly'), 'created', 'taken');

create temporary table made as select job.* from public.plan_generation_jobs as job;
select is((select count(*) from made), 1::bigint, 'one job');
select row_eq(
  'select user_id, job_type, params, priority, ttl_hours, status from made',
  row(
    tests.id('user a'), 'pgtap'::text, '{"weeks": 4}'::jsonb, 7::smallint, 5::smallint,
    'pending'::text
  ),
  'as the schedule has it'
);
select is(
  (select idempotency_key from made),
  (
    select
      format(
        'schedule:%s:%s', id, to_char(next_run_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.USZ')
      )
    from before
  ),
  'whose key names the occurrence'
);
select is((tests.recurring('weekly')).last_job_id, (select id from made), 'the last job');
select is((tests.recurring('weekly')).last_outcome, 'created', 'the last outcome');
select cmp_ok((tests.recurring('weekly')).last_run_at, '>=', now(), 'just now');
select is(
  (tests.recurring('weekly')).next_run_at,
  (select next_run_at + interval '1 hour' from before),
  'moved on'
);

select * from finish();
rollback;
