begin;
select plan(2);

insert into public.plan_job_types (job_type, notifies) values ('told', true);
select tests.make_job('done', p_job_type => 'told');
select tests.make_job('broken', p_job_type => 'told');
select tests.claim('claim', 2, 'told');
select tests.complete('done', 'claim') from generate_series(1, 2);
select tests.fail('broken', 'claim', p_retryable => false) from generate_series(1, 2);

select is(tests.notifications('done'), array['job.completed'], 'of a completion');
select is(tests.notifications('broken'), array['job.failed'], 'of a failure');

select * from finish();
rollback;
