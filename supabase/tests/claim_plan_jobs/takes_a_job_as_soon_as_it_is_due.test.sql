begin;
select plan(2);

select tests.make_job('job', p_run_at => now() + interval '1 hour');
select is(tests.claim_names('claim 1'), array[]::text[], 'not before');

update public.plan_generation_jobs set run_at = now() where trace_id = 'job';
select is(tests.claim_names('claim 2'), array['job'], 'by the very claim that finds it due');

select * from finish();
rollback;
