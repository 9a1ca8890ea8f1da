begin;
select plan(3);

insert into public.plan_job_types (job_type, notifies, max_retries) values ('told', true, 1);
select tests.make_job('job', p_job_type => 'told');
select tests.claim('claim 1', p_job_type => 'told');
select tests.fail('job', 'claim 1', '{"code": "busy", "message": "Busy."}', p_retry_after => 0);
select is(tests.notifications('job'), '{}', 'not before');

select tests.claim('claim 2', p_job_type => 'told');
select tests.fail('job', 'claim 2', '{"code": "c", "message": "It did.", "detail": {"a": 1}}');
select is(tests.notifications('job'), array['job.failed'], 'one');
select is(
  (select error from supajobs.notifications where job_id = (tests.job('job')).id),
  '{"code": "c", "message": "It did."}',
  'with what the user is told of it'
);

select * from finish();
rollback;
