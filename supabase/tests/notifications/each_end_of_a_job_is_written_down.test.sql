begin;
select plan(2);

insert into public.plan_job_types (job_type, notifies) values ('told', true);
select tests.make_job('job', p_job_type => 'told');
select tests.claim('claim 1', p_job_type => 'told');
select tests.fail('job', 'claim 1', p_retryable => false);
select public.retry_plan_job((tests.job('job')).id, tests.id('user a'));
select is(tests.notifications('job'), array['job.failed'], 'a retry is no end');

select tests.claim('claim 2', p_job_type => 'told');
select tests.complete('job', 'claim 2');
select is(
  tests.notifications('job'), array['job.failed', 'job.completed'], 'its end is another one'
);

select * from finish();
rollback;
