begin;
select plan(4);

select tests.make_user('user a');
select tests.make_job('crashed');
select tests.claim('claim 1');
select tests.expire_lease('crashed');

set local role service_role;
select is(supajobs.sweep() > 0, true, 'swept');
select is((tests.job('crashed')).status, 'pending', 'pending again');
select tests.claim('claim 2');
select is(tests.complete('crashed', 'claim 2', p_plan => '{}'), 'completed', 'completed');
update public.plan_generation_jobs set expires_at = '2000-01-01' where trace_id = 'crashed';
select public.cleanup_expired_plan_jobs();
select is((tests.job('crashed')).id, null, 'deleted');

select * from finish();
rollback;
