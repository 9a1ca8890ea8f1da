begin;
select plan(1);

insert into public.plan_job_types (job_type, dedupe_by, max_enqueues, enqueue_window_seconds)
values ('limited', 'user', 2, 600);
select tests.make_job('old', p_job_type => 'limited');
select public.cancel_plan_job((tests.job('old')).id, tests.id('user a'));
select tests.make_job('new', p_job_type => 'limited');

select is(
  (
    select format('%s: %s', answer ->> 'outcome', answer #>> '{job, trace_id}')
    from public.retry_plan_job((tests.job('old')).id, tests.id('user a')) as answer
  ),
  'existing: new',
  'it is no new one'
);

select * from finish();
rollback;
