begin;
select plan(7);

select tests.make_user('user a');
insert into public.plan_job_types (job_type, allows_provider_key, max_cost_per_user_month)
values ('pgtap', true, 5);

set local role service_role;
select public.enqueue_plan_job(
  tests.id('user a'), 'pgtap', '{}', p_trace_id => 'job', p_provider_key => 'key 1'
);
select tests.claim('claim 1');
select is(
  public.get_plan_job_key((tests.job('job')).id, tests.id('claim 1')) ->> 'outcome', 'found', 'key'
);
select is(
  tests.save_step('job', 'claim 1', p_usage => '{"input_tokens": 7}'), 'saved', 'a step saved'
);
select is(
  public.get_plan_job_steps((tests.job('job')).id, tests.id('claim 1')) ->> 'outcome',
  'found',
  'and found'
);
select tests.expire_lease('job');
select tests.sweep();
select is((tests.cost()).input_tokens, 7::bigint, 'its cost is entered when it crashes');
select tests.claim('claim 2');
select is(
  tests.complete('job', 'claim 2', p_usage => '{"input_tokens": 3}'), 'completed', 'completed'
);
select is((tests.cost()).input_tokens, 10::bigint, 'and when it completes');
select is(tests.key('job'), null, 'the key is erased');

select * from finish();
rollback;
