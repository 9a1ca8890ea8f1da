begin;
select plan(6);

insert into public.plan_job_types (
  job_type, max_enqueues, enqueue_window_seconds, max_cost_per_user_month
)
values ('limited', 2, 300, null), ('costly', null, null, 1);
select tests.make_job('first', null, 'limited');
select public.cancel_plan_job((tests.job('first')).id, null);
select is(
  public.retry_plan_job((tests.job('first')).id, null) ->> 'outcome',
  'retried',
  'a retry is a request, too'
);
select is(
  public.enqueue_plan_job(null, 'limited', '{}') ->> 'outcome', 'rate_limited', 'two are enough'
);
select isnt(tests.make_job('of a', 'user a', 'limited'), null, 'users do not pay for them');

select tests.make_job('costs', null, 'costly');
select tests.claim('claim 1', p_job_type => 'costly');
select tests.complete('costs', 'claim 1', p_usage => '{"cost_usd": 1}');
select is(
  public.enqueue_plan_job(null, 'costly', '{}') ->> 'outcome', 'cost_limited', 'the budget is spent'
);
select is(
  (select cost_usd from public.plan_user_costs where user_id is null and job_type = 'costly'),
  1::numeric,
  'the ledger has one owner for them'
);
select isnt(tests.make_job('costs a', 'user a', 'costly'), null, 'of a user it is not');

select * from finish();
rollback;
