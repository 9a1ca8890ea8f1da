begin;
select plan(2);

select tests.make_job('paid');
select tests.claim('claim 1');
select tests.complete('paid', 'claim 1', p_usage => '{"cost_usd": 1}');
select tests.make_job_with_key('waiting', 'ciphertext');
create temp table jobs as
select id from public.plan_generation_jobs where user_id = tests.id('user a');

delete from auth.users where id = tests.id('user a');

select is_empty(
  $$select 1 from public.plan_job_costs where user_id = tests.id('user a')$$, 'costs'
);
select is_empty(
  'select 1 from supajobs.provider_keys where job_id in (select id from jobs)', 'keys'
);

select * from finish();
rollback;
