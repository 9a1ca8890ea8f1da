begin;
select plan(1);

insert into public.plan_job_types (job_type, notifies) values ('told', true);
select tests.make_job('job', p_job_type => 'told');
select tests.claim('claim', p_job_type => 'told');
select tests.complete('job', 'claim');
update public.plan_generation_jobs set status = 'completed', completed_at = now()
where trace_id = 'job';

select is(tests.notifications('job'), array['job.completed'], 'it has ended once');

select * from finish();
rollback;
