begin;
select plan(2);

insert into public.plan_job_types (job_type, max_retries) values ('once', 0);
select tests.make_job(name) from unnest(array['soon', 'invalid', 'unwanted', 'of another']) as name;
select tests.make_job('spent', p_job_type => 'once');
select tests.claim('claim 1', 3);
select tests.claim('claim 2');
select tests.claim('claim 3', p_job_type => 'once');
select public.cancel_plan_job((tests.job('unwanted')).id, tests.id('user a'));

select is(
  tests.outcomes(
    public.fail_plan_jobs(
      jsonb_build_array(
        tests.entry('unheard of', 'claim 1', '{"error": {}}'),
        tests.entry('soon', 'claim 1', '{"error": {}}'),
        tests.entry('invalid', 'claim 1', '{"error": {}, "retryable": false}'),
        tests.entry('unwanted', 'claim 1', '{"error": {}}'),
        tests.entry('of another', 'claim 1', '{"error": {}}'),
        tests.entry('spent', 'claim 3', '{"error": {}}')
      )
    )
  ),
  '{
    "soon": "retrying", "invalid": "failed", "unwanted": "cancelled", "spent": "failed",
    "of another": "stale", "unheard of": "stale"
  }',
  'six jobs, four outcomes'
);
select is((tests.job('of another')).status, 'processing', 'that of another claim runs on');

select * from finish();
rollback;
