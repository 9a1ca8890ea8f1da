begin;
select plan(4);

select tests.make_job('parent');
select tests.make_child('child 1', array['parent']);
select tests.make_child('child 2', array['parent'], 'run');
select tests.make_child('last', array['child 1', 'child 2']);
select tests.make_job('another');
select set_eq(
  $$
    select (job ->> 'id')::uuid
    from json_array_elements(
      public.get_plan_job_flow((tests.job('child 1')).id, tests.id('user a')) -> 'jobs'
    ) as job
  $$,
  $$
    select id from public.plan_generation_jobs
    where job_type = 'pgtap' and trace_id <> 'another'
  $$
);
select is(
  json_array_length(
    public.get_plan_job_flow((tests.job('last')).id, tests.id('user a')) -> 'edges'
  ),
  4
);
select is(
  (public.get_plan_job_flow((tests.job('last')).id, tests.id('user a')) #>> '{jobs, 0, id}')::uuid,
  (tests.job('last')).id,
  'the one that was asked for comes first'
);
select is(
  public.get_plan_job_flow((tests.job('last')).id, tests.id('user b'))::jsonb,
  null,
  'of jobs of one''s own'
);

select * from finish();
rollback;
