begin;
select plan(5);

insert into public.plan_job_types (job_type, max_enqueues, enqueue_window_seconds)
values ('limited', 2, 300), ('another', 2, 300);
select tests.make_job('first', p_job_type => 'limited');
select tests.make_job('second', p_job_type => 'limited');
update public.plan_generation_jobs
set created_at = now() - interval '100 seconds' where trace_id = 'first';

select is(
  public.enqueue_plan_job(tests.id('user a'), 'limited', '{}')::jsonb,
  '{"outcome": "rate_limited", "retry_after": 200}',
  'the third has to wait until the first leaves the window'
);
select isnt(
  tests.make_job('of another type', p_job_type => 'another'), null, 'other types do not count'
);
select isnt(
  tests.make_job('of user b', 'user b', 'limited'), null, 'nor do the jobs of other users'
);

select public.cancel_plan_job((tests.job('second')).id, tests.id('user a'));
select is(
  public.enqueue_plan_job(tests.id('user a'), 'limited', '{}') ->> 'outcome',
  'rate_limited',
  'cancelling does not give a request back'
);

update public.plan_generation_jobs
set created_at = now() - interval '300 seconds' where trace_id = 'first';
select isnt(
  tests.make_job('third', p_job_type => 'limited'), null, 'the window has moved on'
);

select * from finish();
rollback;
