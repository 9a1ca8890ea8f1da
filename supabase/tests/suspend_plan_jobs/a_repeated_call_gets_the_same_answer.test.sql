begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');
create temporary table first as
select
  public.suspend_plan_jobs(
    jsonb_build_array(
      tests.entry('job', 'claim 1', '{"kind": "signal", "name": "approval", "seconds": 60}')
    )
  )::jsonb as answer;

select is(
  public.suspend_plan_jobs(
    jsonb_build_array(
      tests.entry('job', 'claim 1', '{"kind": "signal", "name": "approval", "seconds": 60}')
    )
  )::jsonb,
  (select answer from first),
  'with the same time'
);
select tests.signal('job');
select tests.claim('claim 2');
select is(tests.suspend('job', 'claim 1'), 'suspended', 'even when another has the job');
select is((tests.job('job')).status, 'processing', 'which runs on');

select * from finish();
rollback;
