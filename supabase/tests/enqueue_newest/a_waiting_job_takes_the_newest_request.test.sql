begin;
select plan(9);

select is(tests.debounce('first', '{"n": 1}') ->> 'outcome', 'created', 'the first makes a job');
select tests.make_older('first', interval '10 seconds');
create temporary table asked as
select public.enqueue_plan_job(
  tests.id('user a'), 'newest', '{"n": 2}', p_trace_id => 'second', p_priority => 8,
  p_project_id => tests.id('project 1'), p_ttl_hours => 5, p_debounce_seconds => 60
) as answer;
select is(answer ->> 'outcome', 'existing', 'the second finds it') from asked;
select is(answer ->> 'replaced', 'true', 'and takes its place') from asked;
select results_eq(
  $$
    select params, priority, project_id, ttl_hours, trace_id
    from public.plan_generation_jobs where job_type = 'newest'
  $$,
  $$values ('{"n": 2}'::jsonb, 8::smallint, tests.id('project 1'), 5::smallint, 'second')$$,
  'the one job is as was asked for last'
);
select
  is(
    (answer #>> '{job, id}')::uuid, (tests.job('second')).id, 'it is the one answered'
  )
from asked;
select ok(
  (tests.job('second')).run_at between clock_timestamp() + interval '50 seconds'
  and clock_timestamp() + interval '60 seconds',
  'it waits for as long again'
);
select is(tests.claim_names('claim 1', 1, 'newest'), '{}', 'nobody has it until then');
select tests.bring_forward('second');
select is(tests.claim_names('claim 2', 2, 'newest'), array['second'], 'and then it runs, once');
select is(tests.complete('second', 'claim 2'), 'completed', 'to its end');

select * from finish();
rollback;
