begin;
select plan(3);

select tests.make_job(name) from unnest(array['good', 'unwanted', 'of another']) as name;
select tests.claim('claim 1', 2);
select tests.claim('claim 2');
select public.cancel_plan_job((tests.job('unwanted')).id, tests.id('user a'));

select is(
  tests.outcomes(
    public.suspend_plan_jobs(
      (
        select
          jsonb_agg(
            tests.entry(name, 'claim 1', '{"kind": "sleep", "name": "nap", "seconds": 60}')
          )
        from unnest(array['unheard of', 'unwanted', 'of another', 'good', 'good']) as name
      )
    )
  ),
  '{"good": "suspended", "unwanted": "cancelled", "of another": "stale", "unheard of": "stale"}',
  'four jobs, three outcomes'
);
select is((tests.job('good')).waiting_for, 'nap', 'the one waits');
select is((tests.job('of another')).status, 'processing', 'that of another claim runs on');

select * from finish();
rollback;
