begin;
select plan(4);

select tests.make_job_with_key('unused', 'a key', p_job_type => 'newest');
delete from public.plan_generation_jobs where trace_id = 'unused';
update public.plan_job_types set dedupe_by = 'user' where job_type = 'newest';
select tests.debounce('first');
select public.enqueue_plan_job(
  tests.id('user a'), 'newest', '{}', p_trace_id => 'second', p_provider_key => 'key 1',
  p_debounce_seconds => 60
);
select is(tests.key('second'), 'key 1', 'it takes one');
select ok((tests.job('second')).has_provider_key, 'and runs on no other');
select tests.debounce('third');
select is(tests.key('third'), 'key 1', 'it keeps the one it has');
select public.enqueue_plan_job(
  tests.id('user a'), 'newest', '{}', p_trace_id => 'fourth', p_provider_key => 'key 2',
  p_debounce_seconds => 60
);
select is(tests.key('fourth'), 'key 2', 'until another comes');

select * from finish();
rollback;
