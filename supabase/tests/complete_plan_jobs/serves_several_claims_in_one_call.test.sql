begin;
select plan(1);

select tests.make_job('job ' || number) from generate_series(1, 3) as number;
select tests.claim('claim ' || number) from generate_series(1, 3) as number;

select is(
  tests.outcomes(
    public.complete_plan_jobs(
      jsonb_build_array(
        tests.entry('job 1', 'claim 1'),
        tests.entry('job 2', 'claim 2'),
        tests.entry('job 3', 'claim 3')
      )
    )
  ),
  '{"job 1": "completed", "job 2": "completed", "job 3": "completed"}',
  'each job under the claim that holds it'
);

select * from finish();
rollback;
