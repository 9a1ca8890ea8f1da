begin;
select plan(6);

select tests.make_user('user a');
insert into public.plan_job_types (job_type, dedupe_by, allows_provider_key)
values ('pgtap', 'user', true);

create function tests.ask(p_idempotency_key text, p_key text) returns text
language sql
as $$
  select public.enqueue_plan_job(
    tests.id('user a'), 'pgtap', '{}', p_idempotency_key => p_idempotency_key,
    p_trace_id => 'job', p_provider_key => p_key
  ) ->> 'outcome'
$$;

select is(tests.ask('one', 'key 1'), 'created', 'the first request');
select is(tests.ask('one', 'key 2'), 'existing', 'a repeated one, encrypted anew');
select is(tests.ask('one', null), 'existing', 'one without the key');
select is(tests.ask('two', 'key 3'), 'existing', 'another, for the one active job of the user');
select is(tests.key('job'), 'key 1', 'the key is that of the first');

select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));
update public.plan_job_types set allows_provider_key = false where job_type = 'pgtap';
select is(tests.ask('one', 'key 1'), 'existing', 'also when it has ended, and keys are refused');

select * from finish();
rollback;
