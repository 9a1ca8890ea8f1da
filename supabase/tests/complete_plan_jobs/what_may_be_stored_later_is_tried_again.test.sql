begin;
select plan(6);

select tests.make_store('raise ''not now''; ');
select tests.make_job('job');
select tests.claim('claim 1');
create temp table answer as
select public.complete_plan_jobs(
  jsonb_build_array(tests.entry('job', 'claim 1', '{"store": {"title": "Fox"}}'))
) -> 0 as told;

select is((select told ->> 'outcome' from answer), 'retrying', 'after an error of another class');
select is(
  (select (told ->> 'run_at')::timestamptz from answer), (tests.job('job')).run_at, 'says when'
);
select is((tests.job('job')).retry_count, 1::smallint, 'it counts as an error');
select is_empty('select from app.stories', 'what it wrote before the error is undone');
select is(
  tests.complete('job', 'claim 1', p_store => '{}'), 'retrying', 'a repeated call is told the same'
);

select tests.make_store();
update public.plan_generation_jobs set run_at = now() where trace_id = 'job';
select tests.claim('claim 2');
select is(
  tests.complete('job', 'claim 2', p_store => '{"title": "Fox"}'), 'completed', 'the next one may'
);

select * from finish();
rollback;
