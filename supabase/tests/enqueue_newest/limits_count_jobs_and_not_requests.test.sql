begin;
select plan(6);

select tests.make_user('user a');
insert into public.plan_job_types (job_type, dedupe_by, max_enqueues, enqueue_window_seconds)
values ('newest', 'user', 1, 3600);
select is(tests.debounce('first', p_seconds => 0) ->> 'outcome', 'created', 'one job is allowed');
select is(
  tests.debounce('second', p_seconds => 0) ->> 'replaced', 'true', 'with any number of requests'
);
select tests.claim('claim 1', 1, 'newest');
select is(tests.debounce('third') ->> 'outcome', 'rate_limited', 'the next job is one too many');
select is(
  public.enqueue_plan_job(tests.id('user a'), 'newest', '{}') #>> '{job, trace_id}', 'second',
  'the one that runs is found as before'
);
update public.plan_job_types set max_enqueues = 2 where job_type = 'newest';
select is(
  tests.debounce('third', p_seconds => 0) ->> 'outcome', 'created', 'where it is allowed it comes'
);
select tests.complete('second', 'claim 1');
select is(tests.claim_names('claim 2', 5, 'newest'), array['third'], 'after the other');

select * from finish();
rollback;
