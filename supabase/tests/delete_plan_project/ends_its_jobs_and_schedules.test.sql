begin;
select plan(4);

select tests.make_project('website');
select tests.run_project_job('running', 'website');
select public.enqueue_plan_job(
  tests.id('user a'), 'skills_extraction', '{}', p_trace_id => 'waiting',
  p_project_id => (tests.project('website')).id
);
select tests.make_job('of another type');
update public.plan_generation_jobs set project_id = (tests.project('website')).id
where trace_id = 'of another type';
select public.create_plan_job_schedule(
  tests.id('user a'),
  jsonb_build_object(
    'name', 'nightly', 'job_type', 'project_refresh', 'interval_seconds', 3600,
    'project_id', (tests.project('website')).id, 'next_run_at', now() + interval '1 hour',
    'period_seconds', 3600
  )
);
select public.delete_plan_project((tests.project('website')).id, tests.id('user a'));

select is((tests.job('waiting')).status, 'cancelled', 'what waits is cancelled');
select isnt((tests.job('running')).cancel_requested_at, null, 'what runs is told');
select is((tests.job('of another type')).status, 'pending', 'a type that is not of projects stays');
select is_empty(
  $$select from public.plan_job_schedules where name = 'nightly'$$, 'and nothing comes again'
);

select * from finish();
rollback;
