begin;
select plan(2);

select tests.make_job('soon');
select tests.make_job('invalid');
select tests.claim('claim 1', 2);
create temp table call as
select
  jsonb_build_array(
    tests.entry('soon', 'claim 1', '{"error": {}}'),
    tests.entry('invalid', 'claim 1', '{"error": {}, "retryable": false}')
  ) as jobs;
create temp table answer as
select json_array_elements(public.fail_plan_jobs(jobs))::jsonb as answer from call;

select bag_eq(
  'select json_array_elements(public.fail_plan_jobs(jobs))::jsonb from call',
  'select answer from answer',
  'the answer that was lost is given again, with its run_at'
);
select is((tests.job('soon')).retry_count, 1::smallint, 'one error is counted');

select * from finish();
rollback;
