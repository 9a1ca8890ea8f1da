begin;
select plan(3);

select tests.make_job('parent 1');
select tests.make_job('parent 2');
select tests.make_child('child', array['parent 1', 'parent 2']);
select tests.claim('claim 1', 2);
select tests.complete('parent 1', 'claim 1');
update public.plan_generation_jobs set expires_at = now() - interval '1 hour'
where trace_id = 'parent 1';
select public.cleanup_expired_plan_jobs();
select is((tests.job('parent 1')).status, 'completed', 'its result is to be read');
select tests.complete('parent 2', 'claim 1');
select is(tests.claim_names('claim 2'), array['child']);
select tests.complete('child', 'claim 2');
select public.cleanup_expired_plan_jobs();
select is((tests.job('parent 1')).id, null, 'then it goes');

select * from finish();
rollback;
