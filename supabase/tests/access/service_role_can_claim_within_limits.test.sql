begin;
select plan(1);

select tests.make_user('user a');
insert into public.plan_job_types (job_type, max_running, starts_per_minute)
values ('pgtap', 5, 5);

set local role service_role;
select public.enqueue_plan_job(
  tests.id('user a'), 'pgtap', '{}', p_run_at => now() + interval '1 hour', p_trace_id => 'job'
);
update public.plan_generation_jobs set run_at = now() where trace_id = 'job';
select is(tests.claim_names('claim 1'), array['job'], 'promoted, counted and claimed');

select * from finish();
rollback;
