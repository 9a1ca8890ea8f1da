begin;
select plan(3);

select tests.make_job('expired');
select tests.make_job('deleted');
select tests.claim('claim 1', 2);
select tests.complete('expired', 'claim 1', p_usage => '{"cost_usd": 1}');
select tests.complete('deleted', 'claim 1', p_usage => '{"cost_usd": 2}');

update public.plan_generation_jobs set expires_at = '-infinity' where trace_id = 'expired';
select public.cleanup_expired_plan_jobs();
delete from public.plan_generation_jobs where trace_id = 'deleted';

select is((tests.job('expired')).id, null, 'one was cleaned up');
select is((tests.job('deleted')).id, null, 'one deleted');
select is((tests.cost()).cost_usd, 3::numeric, 'both are still paid for');

select * from finish();
rollback;
