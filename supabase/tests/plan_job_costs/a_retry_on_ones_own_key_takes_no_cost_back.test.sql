begin;
select plan(1);

select tests.make_job('job');
update public.plan_job_types set allows_provider_key = true where job_type = 'pgtap';
select tests.claim('claim 1');
select tests.fail('job', 'claim 1', p_retryable => false, p_usage => '{"cost_usd": 0.3}');
select public.retry_plan_job((tests.job('job')).id, tests.id('user a'), 'ciphertext');
select tests.claim('claim 2');

select tests.complete('job', 'claim 2', p_usage => '{"cost_usd": 0.5}');

select is((tests.cost()).cost_usd, 0.3, 'each attempt is paid for by whose key it ran on');

select * from finish();
rollback;
