begin;
select plan(10);

select tests.empty_queue();
delete from supajobs.unsuccessful_attempts where true;
delete from supajobs.past_hours where true;
-- The hour of now and those before it, the latest first.
create function pg_temp.hour(p_hours_ago integer, p_job_type text default null) returns jsonb
language sql
as $$
  select public.describe_plan_hours(5, p_job_type)::jsonb -> 'hours' -> (-1 - p_hours_ago)
$$;

select tests.make_attempt(seconds) from unnest('{1, 2, 3}'::integer[]) as seconds;
select tests.make_attempt(1, 'failed');
select tests.make_attempt(10, 'completed', 'pgtap 2');
update public.plan_generation_jobs
set started_at = started_at - interval '3 hours', completed_at = completed_at - interval '3 hours'
where job_type = 'pgtap 2';

select is(
  jsonb_array_length(public.describe_plan_hours(5)::jsonb -> 'hours'),
  5 - (select count(*)::integer from supajobs.list_past_hours(5)),
  'those alone that are not over, before the others are counted'
);
select is(public.describe_plan_hours(5)::jsonb -> 'is_complete', 'false', 'says so');
select supajobs.count_past_hours(5, 60);
select is(public.count_plan_hours(5)::jsonb, '{"is_complete": true}', 'they are counted');
select is(jsonb_array_length(public.describe_plan_hours(5)::jsonb -> 'hours'), 5, 'all are there');
select is(public.describe_plan_hours(5)::jsonb -> 'is_complete', 'true', 'says so, too');
select is(
  pg_temp.hour(0) #- '{hour}',
  '{
    "completed": 3, "failed": 1, "cancelled": 0, "retrying": 0, "released": 0, "suspended": 0,
    "crashed": 0, "success_rate": 0.75, "duration_p50": 2, "duration_p95": 2.9, "capped": false
  }',
  'the hour of now'
);
select is(pg_temp.hour(3) -> 'completed', '1', 'an earlier one, by when jobs have ended');
select is(pg_temp.hour(3, 'pgtap 2') -> 'duration_p50', '10', 'of one type');
select is(pg_temp.hour(3, 'pgtap') -> 'completed', '0', 'that had nothing then');
select is(
  (pg_temp.hour(3) ->> 'hour')::timestamptz,
  date_bin('1 hour', now(), 'epoch') - interval '3 hours',
  'by when it began'
);

select * from finish();
rollback;
