begin;
select plan(3);

select tests.make_job('good');
select tests.make_job('unwanted');
select tests.make_job('of another');
select tests.claim('claim 1', 2);
select tests.claim('claim 2');
select public.cancel_plan_job((tests.job('unwanted')).id, tests.id('user a'));

select is(
  tests.outcomes(
    public.complete_plan_jobs(
      jsonb_build_array(
        tests.entry('unheard of', 'claim 1'),
        tests.entry('unwanted', 'claim 1'),
        tests.entry('of another', 'claim 1'),
        tests.entry('good', 'claim 1')
      )
    )
  ),
  '{
    "good": "completed", "unwanted": "cancelled", "of another": "stale", "unheard of": "stale"
  }',
  'four jobs, three outcomes'
);
select is((tests.job('good')).status, 'completed', 'the good one is completed');
select is((tests.job('of another')).status, 'processing', 'that of another claim runs on');

select * from finish();
rollback;
