begin;
select plan(11);

insert into public.plan_job_types (job_type, max_running, starts_per_minute)
values ('pgtap', 5, 60), ('pgtap 2', 5, 60);
create function pg_temp.change(p_changes jsonb) returns jsonb
language sql
as $$
  select public.change_plan_job_type('pgtap', p_changes)::jsonb
$$;
create function pg_temp.row() returns public.plan_job_types
language sql
as $$
  select * from public.plan_job_types where job_type = 'pgtap'
$$;

select is(
  pg_temp.change('{"max_running": 3, "starts_per_minute": null, "max_retries": 1}'),
  '{"outcome": "changed"}', 'limits are changed'
);
select is(
  row((pg_temp.row()).max_running, (pg_temp.row()).starts_per_minute, (pg_temp.row()).max_retries),
  row(3, null::integer, 1::smallint), 'to what was said'
);
select is((pg_temp.row()).ttl_hours, 72::smallint, 'and no others');
select is(tests.limits('pgtap 2'), '{"pgtap 2": 5}', 'of this type');

select pg_temp.change('{"is_paused": true}');
select is(tests.limits('pgtap', 'pgtap 2'), '{"pgtap": 0, "pgtap 2": 5}', 'it is paused');
select pg_temp.change('{"max_running": 7}');
select is(tests.limits('pgtap'), '{"pgtap": 0}', 'a limit does not end the pause');
select pg_temp.change('{"is_paused": false}');
select is(tests.limits('pgtap'), '{"pgtap": 7}', 'but holds after it');

select pg_temp.change('{"job_type": "other", "paused_at": "2026-01-01Z", "stored_by": "a.b"}');
select is(
  row((pg_temp.row()).paused_at, (pg_temp.row()).stored_by), row(null::timestamptz, null::text),
  'what is no limit stays'
);
select tests.refuses('unknown_job_type', 'select public.change_plan_job_type(null, ''{}'')');

select tests.refuses(
  'out_of_range', 'select public.change_plan_job_type(''pgtap'', ''{"max_enqueues": 5}'')'
);
select tests.refuses(
  'out_of_range', 'select public.change_plan_job_type(''pgtap'', ''{"ttl_hours": 1000}'')'
);

select * from finish();
rollback;
