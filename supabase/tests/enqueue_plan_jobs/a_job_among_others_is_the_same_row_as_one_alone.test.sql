begin;
select plan(3);

select tests.make_user('user a');
select tests.make_user('user b');
insert into public.plan_job_types (
  job_type, max_retries, max_crashes, backoff_base_seconds, backoff_cap_seconds, lease_seconds,
  max_runtime_seconds, ttl_hours, notifies
)
values ('same', 7, 6, 5, 40, 30, 20, 10, true);

select public.enqueue_plan_job(tests.id('user a'), 'same', '{"n": 1}', p_trace_id => 'plain');
select public.enqueue_plan_job(
  tests.id('user a'), 'same', '{"n": 2}', 9, '2100-01-01Z', 'key', tests.id('project'), 99, 'full'
);
select public.enqueue_plan_job(null, 'same', '{}', p_trace_id => 'nobody''s');
select public.enqueue_plan_jobs(
  jsonb_build_array(
    jsonb_build_object(
      'user_id', tests.id('user b'), 'job_type', 'same', 'params', '{"n": 1}'::jsonb,
      'trace_id', 'plain'
    ),
    jsonb_build_object(
      'user_id', tests.id('user b'), 'job_type', 'same', 'params', '{"n": 2}'::jsonb,
      'priority', 9, 'run_at', '2100-01-01Z', 'idempotency_key', 'key',
      'project_id', tests.id('project'), 'ttl_hours', 99, 'trace_id', 'full'
    ),
    '{"job_type": "same", "trace_id": "nobody''s"}'::jsonb
  )
);

-- All columns, whichever there are; but for the id, the user, and the turn of nobody's second job.
create function pg_temp.rows_of(p_trace_id text) returns setof jsonb
language sql
as $$
  select to_jsonb(job) - 'id' - 'user_id' - case when job.user_id is null then 'turn' else '' end
  from public.plan_generation_jobs as job
  where job.trace_id = p_trace_id
  order by job.id
$$;

select
  is(
    array[count(*), count(distinct each.row)], array[2, 1]::bigint[],
    said.name || ': the two are the same'
  )
from (values ('plain'), ('full'), ('nobody''s')) as said (name)
cross join lateral pg_temp.rows_of(said.name) as each (row)
group by said.name;

select * from finish();
rollback;
