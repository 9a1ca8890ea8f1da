begin;
select plan(4);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.fail('job', 'claim 1', p_retry_after => 60);

select is((tests.job('job')).turn, null, 'it waits for its run_at');
select is(tests.claim_names('claim 2'), array[]::text[], 'claims pass it by');
update public.plan_generation_jobs set run_at = now() where trace_id = 'job';
select is(tests.claim_names('claim 3'), array['job'], 'then it is taken');
select isnt((tests.job('job')).turn, null, 'in a turn of its own');

select * from finish();
rollback;
