begin;
select plan(1);

select tests.empty_queue();
select tests.make_job('job');
select tests.claim('claim 1');
select tests.complete('job', 'claim 1', p_plan => '{"monday": "rest"}');
update public.plan_generation_jobs set expires_at = now();

select public.cleanup_expired_plan_jobs();

select results_eq(
  $$
    select plan, job_id from public.weekly_base_plans where user_id = tests.id('user a')
  $$,
  $$values ('{"monday": "rest"}'::jsonb, null::uuid)$$,
  'the queue forgets, the plan stays'
);

select * from finish();
rollback;
