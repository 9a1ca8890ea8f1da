begin;
select plan(3);

select tests.make_job(name) from unnest(array['good', 'unwanted', 'of another']) as name;
select tests.claim('claim 1', 2);
select tests.claim('claim 2');
select public.cancel_plan_job((tests.job('unwanted')).id, tests.id('user a'));

select is(
  tests.outcomes(
    public.release_plan_jobs(
      jsonb_build_array(
        tests.entry('unheard of', 'claim 1'),
        tests.entry('unwanted', 'claim 1'),
        tests.entry('of another', 'claim 1'),
        tests.entry('good', 'claim 1')
      )
    )
  ),
  '{"good": "released", "unwanted": "cancelled", "of another": "stale", "unheard of": "stale"}',
  'four jobs, three outcomes'
);
select is((tests.job('good')).status, 'pending', 'the one waits');
select is((tests.job('of another')).status, 'processing', 'that of another claim runs on');

select * from finish();
rollback;
