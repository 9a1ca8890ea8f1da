begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
create temp table answer as
select public.fail_plan_job(
  (tests.job('job')).id, tests.id('claim 1'), '{}', p_retry_after => 0
)::jsonb as settled;
select tests.claim('claim 2');

select is(
  public.fail_plan_job(
    (tests.job('job')).id, tests.id('claim 1'), '{}', p_retry_after => 0
  )::jsonb,
  (select settled from answer),
  'the answer is that of the first call'
);
select is((tests.job('job')).status, 'processing', 'the other runs on');

select * from finish();
rollback;
