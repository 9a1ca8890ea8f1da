begin;
select plan(1);

select tests.put_off_sweep();
select tests.make_job('job ' || number) from generate_series(1, 5) as number;
select tests.claim('claim 1', 3);

select public.release_plan_jobs(
  jsonb_build_array(tests.entry('job 3', 'claim 1'), tests.entry('job 1', 'claim 1'))
);

select is(
  tests.claim_names('claim 2', 4), array['job 1', 'job 3', 'job 4', 'job 5'], 'as before the claim'
);

select * from finish();
rollback;
