begin;
select plan(1);

select tests.make_user('user a');
insert into public.plan_job_types (job_type, max_enqueues, enqueue_window_seconds, dedupe_by)
values ('pgtap', 2, 60, 'project');
select is(
  (
    select array_agg(answer ->> 'outcome')
    from json_array_elements(
      public.enqueue_plan_jobs(
        (
          select
            jsonb_agg(
              jsonb_build_object(
                'user_id', tests.id('user a'), 'job_type', 'pgtap', 'project_id',
                tests.id(wanted.project), 'idempotency_key', wanted.key
              )
            )
          from (
            values ('x', 'k1'), ('x', 'k1'), ('y', 'k1'), ('x', 'k2'), ('y', 'k3'), ('z', 'k4')
          ) as wanted (project, key)
        )
      )
    ) as answer
  ),
  array['created', 'existing', 'conflict', 'existing', 'created', 'rate_limited']
);

select * from finish();
rollback;
