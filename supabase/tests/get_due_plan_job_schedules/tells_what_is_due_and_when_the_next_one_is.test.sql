begin;
select plan(7);

delete from public.plan_job_schedules where true;
select is(
  public.get_due_plan_job_schedules()::jsonb - 'now',
  '{"schedules": [], "has_more": false, "next_due_at": null}',
  'nothing at all'
);
select tests.make_recurring('due');
select tests.make_recurring(
  'longer due', p_more => jsonb_build_object('next_run_at', now() - interval '1 hour')
);
select tests.make_recurring('later', p_more => '{"next_run_at": "2100-01-01Z"}');
select tests.make_recurring('latest', p_more => '{"next_run_at": "2101-01-01Z"}');
select tests.make_recurring('ended', p_more => '{"next_run_at": null}');
select tests.make_recurring('paused');
update public.plan_job_schedules set paused_at = now() where name = 'paused';

create temporary table answer as select public.get_due_plan_job_schedules()::jsonb as told;
select is(
  (select jsonb_path_query_array(told, '$.schedules[*].id') from answer),
  jsonb_build_array((tests.recurring('longer due')).id, (tests.recurring('due')).id),
  'the longest due first'
);
select is(
  (select (told ->> 'next_due_at')::timestamptz from answer),
  '2100-01-01Z'::timestamptz,
  'the next one'
);
select cmp_ok((select (told ->> 'now')::timestamptz from answer), '>=', now(), 'the clock');
select is(
  json_array_length(public.get_due_plan_job_schedules(1) -> 'schedules'), 1, 'not more than asked'
);

select is(public.get_due_plan_job_schedules(1) ->> 'has_more', 'true', 'there are others');
select is(public.get_due_plan_job_schedules(2) ->> 'has_more', 'false', 'or there are none');

select * from finish();
rollback;
