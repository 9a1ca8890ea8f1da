begin;
select plan(7);

select tests.calm_queue();
delete from public.plan_job_schedules where true;
select tests.make_recurring(
  'hourly', p_more => jsonb_build_object('next_run_at', now() - interval '119 minutes')
);
select is(tests.troubles(), array[]::text[], 'not yet');

update public.plan_job_schedules set next_run_at = now() - interval '121 minutes'
where name = 'hourly';
select is(tests.troubles(), array['degraded: late_schedules'], 'late');
create temporary table reason as
select public.check_plan_queue()::jsonb #> '{reasons, 0}' as told;
select matches(
  (select told ->> 'message' from reason),
  'recurring jobs, 1 are late .* "hourly" \(' || (tests.recurring('hourly')).id || '\) for 72',
  'which one'
);
select is((select told ->> 'job_type' from reason), 'pgtap', 'of which type');
select cmp_ok((select (told ->> 'seconds')::numeric from reason), '>=', 7260.0, 'since when');

update public.plan_job_schedules set paused_at = now() where name = 'hourly';
select is(tests.troubles(), array[]::text[], 'a pause is none');
select tests.make_recurring('ended', p_more => '{"next_run_at": null}');
select is(tests.troubles(), array[]::text[], 'nor is the end');

select * from finish();
rollback;
