begin;
select plan(3);

insert into public.plan_job_types (job_type, notifies) values ('told', true);
select tests.make_job('job', p_job_type => 'told');
select tests.claim('claim', p_job_type => 'told');
select is(tests.notifications('job'), '{}', 'nothing while it runs');
select tests.complete('job', 'claim', '{"title": "Base", "secret": "x"}', '{}');

select is(tests.notifications('job'), array['job.completed'], 'one, with its end');
select row_eq(
  $$
    select notification.user_id, job_type, trace_id, plan_id, title, error, occurred_at
    from supajobs.notifications as notification
    where job_id = (tests.job('job')).id
  $$,
  row(
    tests.id('user a'), 'told'::text, 'job'::text, (tests.job('job')).plan_id, 'Base'::text,
    null::jsonb, (tests.job('job')).completed_at
  ),
  'with what receivers are told, and nothing else of the result'
);

select * from finish();
rollback;
