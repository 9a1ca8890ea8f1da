begin;
select plan(1);

insert into public.plan_job_types (job_type, notifies, max_crashes) values ('told', true, 1);
select tests.make_job('job', p_job_type => 'told');
select tests.claim('claim', p_job_type => 'told');
select tests.expire_lease('job');
select tests.sweep();

select is(tests.notifications('job'), array['job.failed'], 'by the sweep');

select * from finish();
rollback;
