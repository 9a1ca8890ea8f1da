begin;
select plan(4);

insert into public.plan_job_types (job_type, max_cost_per_user_month, allows_provider_key)
values ('limited', 1, true);
select tests.make_job('job', p_job_type => 'limited');
select tests.claim('claim 1', p_job_type => 'limited');
select tests.fail('job', 'claim 1', p_retryable => false, p_usage => '{"cost_usd": 5}');

select is(
  (
    select array[answer ->> 'outcome', ((answer ->> 'retry_after')::integer > 0)::text]
    from public.retry_plan_job((tests.job('job')).id, tests.id('user a')) as answer
  ),
  array['cost_limited', 'true'],
  'not before the next month'
);
select is((tests.job('job')).status, 'failed', 'the job stays as it is');
select is(
  public.retry_plan_job((tests.job('job')).id, tests.id('user a'), 'a key') ->> 'outcome',
  'retried',
  'on their own key it costs the project nothing'
);
select is(tests.key('job'), 'a key', 'which is kept');

select * from finish();
rollback;
